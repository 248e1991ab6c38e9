// Peeking (peeking.py). base.js stands before this text. Figures come in hundredths of a percent, so sums are exact.

const HEIGHT = 300,
  LEFT = 38,
  EDGE = 12,
  TOP = 14,
  BELOW = 38;

// The highest of the first k seeds at an epoch, counted from 1.
const shownAt = (s, k, epoch) => Math.max(...s.war.slice(0, k).map((curve) => curve[epoch - 1]));

// The epoch, of all, at which the highest of the first k seeds is highest; the first of equals.
function bestEpoch(s, k) {
  let best = 1;
  for (let e = 2; e <= s.epochs; e++) if (shownAt(s, k, e) > shownAt(s, k, best)) best = e;
  return best;
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

// How many last epochs stand for "where it ends up".
const tail = (s) => Math.floor(s.epochs / 3) || 1;

// What needs no target label: means over all seeds that were recorded.
const honest = (s) => ({
  final: mean(s.war.map((curve) => curve[s.epochs - 1])),
  unsupervised: mean(s.war.map((curve, i) => curve[s.unsupervised[i] - 1])),
  last: mean(s.war.map((curve) => mean(curve.slice(-tail(s))))),
});

const idOf = (s) => `${s.scheme}.${s.method}.${s.preset}.${s.epochs}`;
const percent = (v) => (v / 100).toFixed(1);
const points = (v) => `${v < 0 ? "−" : "+"}${Math.abs(v / 100).toFixed(1)}`;

function render({ model, el }) {
  el.classList.add("tl", "tl-peek");
  const all = model.get("series"),
    names = model.get("names");
  if (!all.length) {
    el.append(make("p", {}, "Not run: there is no record with a curve by epoch yet."));
    return () => {};
  }
  const address = addressOf(model.get("address"));
  let which,
    epoch,
    seeds,
    beside,
    touched = false,
    own = false;

  const printedOf = (s) =>
    [
      ["paper", s.paper],
      ["README", s.readme],
    ].filter(([, v]) => v != null);
  const sample = (kind) =>
    make(
      "svg:svg",
      { class: "tl-sample", viewBox: "0 0 26 10", "aria-hidden": "true" },
      make("svg:path", { class: kind, d: "M0 5H26" }),
    );
  const kindOf = (s) => `${names[s.method] ?? s.method}, ${s.preset}, ${s.epochs} epochs`;
  const other = () =>
    all.find((o) => o.method === "only_cls" && ["scheme", "preset", "epochs"].every((f) => o[f] === all[which][f]));

  const schemes = [...new Set(all.map((s) => s.scheme))];
  const pickScheme = choice({
    label: "Scheme",
    options: Object.fromEntries(schemes.map((s) => [s, `${s[0]} to ${s[2]}`])),
    value: all[0].scheme,
    change: (scheme) => {
      const now = all[which],
        of = all.map((s, i) => [s, i]).filter(([s]) => s.scheme === scheme);
      const like = (...fields) => of.find(([s]) => fields.every((f) => s[f] === now[f]));
      go({ which: (like("method", "preset", "epochs") ?? like("method", "preset") ?? like("method") ?? of[0])[1] });
    },
  });
  const runs = make("div");
  const stop = slider({
    label: "Stop at epoch",
    min: 1,
    max: all[0].epochs,
    step: 1,
    value: 1,
    words: String,
    change: (v) => go({ epoch: v }),
  });
  const stopInput = stop.element.querySelector("input");
  const many = slider({
    label: "Seeds to choose from",
    min: 1,
    max: 1,
    step: 1,
    value: 1,
    words: String,
    change: (v) => go({ seeds: v }),
  });
  const manyInput = many.element.querySelector("input");
  const best = make(
    "button",
    { type: "button", click: () => go({ epoch: bestEpoch(all[which], seeds) }) },
    "The best epoch",
  );
  const last = make("button", { type: "button", click: () => go({ epoch: all[which].epochs }) }, "The last epoch");
  const box = make("input", { type: "checkbox", change: () => go({ beside: box.checked }) });
  const boxLabel = make("label", { class: "tl-box" }, box, " the same network without transfer");
  const figure = make("output", { class: "tl-result", "data-value": "result" }),
    price = make("output", { "data-value": "price" });
  const plot = make("svg:svg", { role: "img" }),
    stage = make("div", { class: "tl-stage" }, plot);
  const chosenHead = make("th", { scope: "colgroup", colspan: "2" });
  const legend = make("p", { class: "tl-legend" });
  const body = make("tbody"),
    tailHead = make("th", { scope: "col" });
  const { element: summary, say } = announcer();
  const from = make("p", { class: "tl-from" });

  el.append(
    make("div", { class: "tl-controls" }, pickScheme.element, runs),
    make(
      "p",
      { class: "tl-said" },
      "Your result: ",
      figure,
      " % ",
      make("span", { class: "tl-aside" }, "(", price, " points against the last epoch, mean of all seeds)"),
    ),
    legend,
    stage,
    make("div", { class: "tl-controls tl-stop" }, stop.element, make("div", { class: "tl-control" }, best, last)),
    make("div", { class: "tl-controls" }, many.element, boxLabel),
    make(
      "div",
      { class: "tl-wide", tabindex: "0", role: "region", "aria-label": "What was chosen, and what was not" },
      make(
        "table",
        {},
        make("caption", {}, "Recognised, in percent"),
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            make("td"),
            chosenHead,
            make("th", { scope: "colgroup", colspan: "3" }, "chosen without labels, mean of all seeds"),
          ),
          make(
            "tr",
            {},
            make("td"),
            make("th", { scope: "col" }, "at your epoch"),
            make("th", { scope: "col" }, "best epoch"),
            make("th", { scope: "col" }, "last epoch"),
            make("th", { scope: "col" }, "InfoMax"),
            tailHead,
          ),
        ),
        body,
      ),
    ),
    summary,
    from,
    ...(address.link ? [make("p", {}, address.link)] : []),
  );

  const text = (words, x, y, more = {}) => make("svg:text", { x, y, ...more }, words);
  let scale = null;

  function paint() {
    const width = stage.clientWidth;
    if (!width || which === undefined) return;
    const s = all[which],
      o = beside ? other() : undefined,
      curves = s.war.slice(0, seeds),
      others = o ? o.war.slice(0, seeds) : [];
    const published = printedOf(s);
    const every = [...s.war.flat(), ...(other()?.war.flat() ?? []), ...published.map(([, v]) => v)];
    const low = Math.floor(Math.min(...every) / 500) * 500,
      high = Math.ceil(Math.max(...every) / 500) * 500;
    const right = width - EDGE,
      bottom = HEIGHT - BELOW;
    const x = (e) => LEFT + ((e - 1) / Math.max(s.epochs - 1, 1)) * (right - LEFT),
      y = (v) => bottom - ((v - low) / Math.max(high - low, 1)) * (bottom - TOP);
    scale = { left: LEFT, right, epochs: s.epochs };
    plot.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const parts = [],
      gap = high - low > 3000 ? 1000 : 500;
    for (let v = Math.ceil(low / gap) * gap; v <= high; v += gap)
      parts.push(
        make("svg:path", { class: "tl-grid", d: `M${LEFT} ${y(v)}H${right}` }),
        text(String(v / 100), LEFT - 6, y(v) + 4, { "text-anchor": "end" }),
      );
    for (const e of [1, Math.round(s.epochs / 2), s.epochs])
      parts.push(
        text(String(e), x(e), bottom + 16, { "text-anchor": e === 1 ? "start" : e === s.epochs ? "end" : "middle" }),
      );
    parts.push(text("epoch", (LEFT + right) / 2, HEIGHT - 4, { "text-anchor": "middle" }));
    const line = (curve) => curve.map((v, i) => `${i ? "L" : "M"}${x(i + 1).toFixed(1)} ${y(v).toFixed(1)}`).join("");
    for (const curve of others) parts.push(make("svg:path", { class: "tl-curve tl-other", d: line(curve) }));
    for (const curve of curves) parts.push(make("svg:path", { class: "tl-curve tl-mine", d: line(curve) }));
    for (const [name, v] of published)
      parts.push(make("svg:path", { class: `tl-published tl-${name}`, d: `M${LEFT} ${y(v)}H${right}` }));
    const value = shownAt(s, seeds, epoch),
      end = honest(s).final;
    parts.push(make("svg:path", { class: "tl-honest", d: `M${right - 7} ${y(end)}h14` }));
    parts.push(make("svg:path", { class: "tl-now", d: `M${x(epoch)} ${TOP}V${bottom}` }));
    if (o)
      parts.push(
        make("svg:rect", {
          class: "tl-dot tl-other",
          x: x(epoch) - 4.5,
          y: y(shownAt(o, seeds, epoch)) - 4.5,
          width: 9,
          height: 9,
        }),
      );
    parts.push(make("svg:circle", { class: "tl-dot tl-mine", cx: x(epoch), cy: y(value), r: 5.5 }));
    plot.replaceChildren(...parts);
    plot.setAttribute(
      "aria-label",
      `Recognised by epoch, ${seeds} ${seeds === 1 ? "run" : "runs"} of ${s.epochs} epochs, from ${percent(Math.min(...curves.flat()))} to ${percent(Math.max(...curves.flat()))} percent. Stopped at ${epoch}: ${percent(value)}.`,
    );
  }

  // Dragging on the picture stops there; up and down still scrolls the page.
  function drag(event) {
    const box = plot.getBoundingClientRect();
    if (!scale || !box.width) return;
    const share = (event.clientX - box.left - scale.left) / (scale.right - scale.left);
    go({ epoch: 1 + Math.round(Math.max(0, Math.min(1, share)) * (scale.epochs - 1)) });
  }
  plot.addEventListener("pointerdown", (event) => {
    plot.setPointerCapture(event.pointerId);
    drag(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (event.buttons || event.pressure > 0) drag(event);
  });

  const cell = (name, v) => make("td", {}, make("output", { "data-value": name, "data-exact": v / 100 }, percent(v)));
  function row(label, s, prefix) {
    const h = honest(s),
      top = bestEpoch(s, seeds);
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, label),
      cell(`${prefix}at`, shownAt(s, seeds, epoch)),
      cell(`${prefix}best`, shownAt(s, seeds, top)),
      cell(`${prefix}final`, h.final),
      cell(`${prefix}unsupervised`, h.unsupervised),
      cell(`${prefix}last`, h.last),
    );
  }

  function update() {
    const s = all[which],
      o = other(),
      mine = s.method === "only_cls",
      value = shownAt(s, seeds, epoch),
      h = honest(s);
    pickScheme.set(s.scheme);
    const options = Object.fromEntries(
      all
        .map((r, i) => [`r${i}`, r])
        .filter(([, r]) => r.scheme === s.scheme)
        .map(([k, r]) => [k, kindOf(r)]),
    );
    const select = runs.querySelector("select");
    if (select && [...select.options].map((x) => x.value).join() === Object.keys(options).join())
      select.value = `r${which}`;
    else
      runs.replaceChildren(
        choice({ label: "Run", options, value: `r${which}`, change: (v) => go({ which: Number(v.slice(1)) }) }).element,
      );
    stopInput.max = s.epochs;
    stop.set(epoch);
    manyInput.max = s.seeds.length;
    manyInput.disabled = s.seeds.length < 2;
    many.set(seeds);
    box.disabled = !o || mine;
    box.checked = beside && !box.disabled;
    boxLabel.hidden = box.disabled;
    figure.value = percent(value);
    figure.dataset.exact = value / 100;
    price.value = points(value - h.final);
    price.dataset.exact = (value - h.final) / 100;
    tailHead.textContent = `last ${tail(s)} epochs`;
    body.replaceChildren(
      row(names[s.method] ?? s.method, s, ""),
      ...(box.checked ? [row(names.only_cls, o, "other-")] : []),
    );
    from.textContent = `Records: ${s.records[0].replace(/\d+$/, "")}${s.seeds.join(",")}`;
    chosenHead.textContent = `chosen by target labels, best of ${seeds} ${seeds === 1 ? "seed" : "seeds"}`;
    legend.replaceChildren(
      ...[
        ["tl-curve tl-mine", names[s.method] ?? s.method],
        ...(box.checked ? [["tl-curve tl-other", names.only_cls]] : []),
        ...printedOf(s).map(([name, v]) => [`tl-published tl-${name}`, `${name} ${percent(v)}`]),
        ["tl-honest", "mean of the last epoch"],
      ].map(([kind, words]) => make("span", {}, sample(kind), ` ${words}`)),
    );
    const top = bestEpoch(s, seeds),
      over =
        s.paper == null
          ? ""
          : value >= s.paper
            ? ` The paper prints ${percent(s.paper)}: reached.`
            : ` The paper prints ${percent(s.paper)}.`;
    say(
      `${s.scheme}, ${kindOf(s)}: stopped at epoch ${epoch} of ${s.epochs}, best of ${seeds} ${seeds === 1 ? "seed" : "seeds"}: ${percent(value)} percent, ${points(value - h.final)} points against the last epoch's mean, ${percent(h.final)}. The best epoch is ${top}.${over}${box.checked ? ` Without transfer, at its own best epoch: ${percent(shownAt(o, seeds, bestEpoch(o, seeds)))}.` : ""}`,
    );
    paint();
    address.write([idOf(s), epoch, seeds, box.checked ? 1 : 0].join("."), touched);
    touched = true;
    own = true;
    for (const [name, v] of Object.entries({ which, epoch, seeds, beside, result: value / 100 })) model.set(name, v);
    model.save_changes();
    own = false;
  }

  // A new state: what does not fit a run of fewer epochs or seeds becomes its last, and the last epoch stays the last.
  function go(change) {
    const before = which === undefined ? undefined : all[which],
      wasLast = before && epoch === before.epochs && change.epoch === undefined;
    ({ which, epoch, seeds, beside } = { which, epoch, seeds, beside, ...change });
    const s = all[which];
    epoch = wasLast ? s.epochs : Math.max(1, Math.min(epoch, s.epochs));
    seeds = Math.max(1, Math.min(seeds, s.seeds.length));
    update();
  }

  const given = () => ({
    which: Math.max(0, Math.min(model.get("which"), all.length - 1)),
    epoch: model.get("epoch"),
    seeds: model.get("seeds"),
    beside: model.get("beside"),
  });
  function read(words) {
    const at = all.findIndex((s) => words.startsWith(`${idOf(s)}.`));
    if (at < 0) return null;
    const [e, k, b, ...rest] = words.slice(idOf(all[at]).length + 1).split(".");
    const whole = (v, most) => /^[1-9]\d*$/.test(v ?? "") && Number(v) <= most;
    return !rest.length && whole(e, all[at].epochs) && whole(k, all[at].seeds.length) && (b === "0" || b === "1")
      ? { which: at, epoch: Number(e), seeds: Number(k), beside: b === "1" }
      : null;
  }
  const fromModel = () => {
    if (!own) {
      which = undefined;
      go(given());
    }
  };

  go(read(address.read() ?? "") ?? given());
  const events = ["change:which", "change:epoch", "change:seeds", "change:beside"];
  for (const event of events) model.on(event, fromModel);
  const end = redraw(stage, paint);
  return () => {
    end();
    for (const event of events) model.off(event, fromModel);
  };
}

export default explorable(render, ["series", "names"]);
