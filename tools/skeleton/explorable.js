// A number and its square (chapter_name.py). base.js stands before this text. TODO: draw what the chapter is about.

const measure = (x) => x * x;

function render({ model, el }) {
  el.classList.add("tl", "tl-chapter_name");
  const output = make("output", { "data-value": "square" });
  const { element: summary, say } = announcer();
  const control = slider({
    label: "Number", min: 0, max: 10, step: 0.5, value: model.get("x"), words: String,
    change: (v) => { model.set("x", v); update(v); },
  });
  el.append(
    make("div", { class: "tl-controls" }, control.element),
    make("dl", { class: "tl-numbers" }, make("dt", {}, "its square"), make("dd", {}, output)),
    summary,
  );

  function update(x) {
    const square = measure(x);
    output.value = square.toFixed(2);
    output.dataset.exact = square;
    say(`The square of ${x} is ${square.toFixed(2)}.`);
    model.set("square", square);
    model.save_changes();
  }

  const fromModel = () => { control.set(model.get("x")); update(model.get("x")); };
  update(model.get("x"));
  model.on("change:x", fromModel);
  return () => model.off("change:x", fromModel);
}

export default explorable(render);
