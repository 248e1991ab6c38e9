// Mix corpora (mix_corpora.py). base.js stands before this text.

const LETTERS = ["E", "B", "C", "R"];
const add = (pairs) => pairs.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
const span = ([low, high]) => (low === high ? String(low) : `${low} to ${high}`);
const words = (list) => (list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`);

// Recordings of some emotions in a corpus, as tlmlda_lib.book.explorables.corpus.recordings counts: fewest and most.
function recordings(own, files, emotions) {
  const [low, high] = add(emotions.filter((e) => e in own).map((e) => own[e]));
  const [restLow, restHigh] = add(
    Object.keys(own)
      .filter((e) => !emotions.includes(e))
      .map((e) => own[e]),
  );
  return [Math.max(low, files - restHigh), Math.min(high, files - restLow)];
}

// The scheme of the paper's Table 2 that a mix is, or "": tlmlda_lib.book.explorables.corpus.row_of_table_2.
function rowOfTable2(printed, source, target, emotions, sizes) {
  const name = Object.keys(printed).find((n) => printed[n].source === source.join("") && printed[n].target === target),
    row = printed[name];
  const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
  return row &&
    same([...emotions].sort(), row.emotions) &&
    same(
      sizes,
      row.sizes.flatMap((n) => [n, n]),
    )
    ? name
    : "";
}

function render({ model, el }) {
  el.classList.add("tl", "tl-mix");
  const printed = model.get("printed");
  const counts = model.get("counts"),
    facts = model.get("facts"),
    schemes = model.get("schemes"),
    every = model.get("every");
  const address = addressOf(model.get("address"));
  let source = [...model.get("source")],
    target = model.get("target"),
    emotions = [...model.get("emotions")];
  let touched = false,
    own = false;

  const has = (letter, e) => e in counts[letter];
  const inSource = (e) => source.some((s) => has(s, e)),
    inTarget = (e) => has(target, e);
  const shared = () => every.filter((e) => inSource(e) && inTarget(e));
  const same = (a, b) => a.length === b.length && a.every((x) => b.includes(x));
  const known = () => {
    const is = (s) => s.target === target && same(s.sources, source) && same(s.emotions, emotions);
    return Object.keys(schemes).find((name) => is(schemes[name])) ?? "own";
  };

  const picker = choice({
    label: "Scheme",
    value: known(),
    options: { ...Object.fromEntries(Object.keys(schemes).map((n) => [n, schemes[n].words])), own: "your own" },
    change: (v) => {
      if (v !== "own") {
        const scheme = schemes[v];
        source = [...scheme.sources];
        target = scheme.target;
        emotions = every.filter((e) => scheme.emotions.includes(e));
      }
      update();
    },
  });
  const box = (kind, value, label, change) => {
    const input = make("input", { type: "checkbox", value, "data-kind": kind, change: () => change(input.checked) });
    return make("label", {}, input, ` ${label}`);
  };
  const sources = LETTERS.map((l) =>
    box("source", l, `${l}, ${facts[l].name}`, (on) => {
      source = LETTERS.filter((x) => (x === l ? on : source.includes(x)));
      update();
    }),
  );
  const group = (title, ...inside) => make("fieldset", { class: "tl-radio" }, make("legend", {}, title), ...inside);
  const targets = radio({
    label: "Target",
    options: Object.fromEntries(LETTERS.map((l) => [l, `${l}, ${facts[l].name}`])),
    value: target,
    change: (v) => {
      target = v;
      source = source.filter((s) => s !== v);
      update();
    },
  });
  const boxes = every.map((e) =>
    box("emotion", e, e, (on) => {
      emotions = every.filter((x) => (x === e ? on : emotions.includes(x)));
      update();
    }),
  );
  const common = make(
    "button",
    {
      type: "button",
      click: () => {
        emotions = shared();
        update();
      },
    },
    "All that both have",
  );

  const chart = make("table", { class: "tl-chart" });
  const outputs = Object.fromEntries(
    ["source", "target", "speakers_source", "speakers_target", "languages", "even", "most"].map((n) => [
      n,
      make("output", { "data-value": n }),
    ]),
  );
  const numbers = make(
    "dl",
    { class: "tl-numbers" },
    ...[
      ["source", "recordings to learn from"],
      ["target", "recordings to recognise"],
      ["speakers_source", "speakers to learn from"],
      ["speakers_target", "speakers to recognise"],
      ["languages", "languages"],
      ["even", "guessing evenly recognises"],
      ["most", "always the commonest recognises"],
    ].flatMap(([n, w]) => [make("dt", {}, w), make("dd", {}, outputs[n])]),
  );
  const { element: summary, say } = announcer();
  const code = make("pre", { tabindex: "0", "aria-label": "Python code" });
  el.append(
    make("div", { class: "tl-controls" }, picker.element),
    group("Source", ...sources),
    targets.element,
    group("Emotions", ...boxes, common),
    make("div", { class: "tl-body" }, chart, numbers),
    summary,
    ...(address.link ? [make("p", {}, address.link)] : []),
    make("details", {}, make("summary", {}, "This mix in Python"), code),
  );

  function update() {
    const total = (letters, list) => add(letters.map((l) => recordings(counts[l], facts[l].files, list)));
    const nS = total(source, emotions),
      nT = total([target], emotions);
    const row = (letters, e) => add(letters.filter((l) => has(l, e)).map((l) => counts[l][e]));
    const shown = every.filter((e) => emotions.includes(e) || inSource(e) || inTarget(e));
    const largest = Math.max(1, ...shown.map((e) => Math.max(row(source, e)[1], row([target], e)[1])));
    const bar = (kind, letters, e) =>
      make(
        "div",
        { class: "tl-track", "aria-hidden": "true" },
        ...letters
          .filter((l) => has(l, e))
          .map((l) =>
            make("div", { class: `tl-bar tl-of-${kind}`, style: `width: ${(100 * counts[l][e][1]) / largest}%` }),
          ),
      );
    const cell = (kind, letters, e) => {
      const n = row(letters, e),
        parts = letters.filter((l) => has(l, e));
      return make(
        "td",
        {},
        bar(kind, letters, e),
        make("span", { class: "tl-count", "data-count": `${kind}.${e}` }, n[1] ? span(n) : "none"),
        parts.length > 1
          ? make("span", { class: "tl-parts" }, ` (${parts.map((l) => `${l} ${span(counts[l][e])}`).join(", ")})`)
          : "",
      );
    };
    chart.replaceChildren(
      make("caption", {}, "Recordings of each emotion"),
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          make("td"),
          make("th", { scope: "col" }, `source, ${source.join(" and ") || "none"}`),
          make("th", { scope: "col" }, `target, ${target}`),
        ),
      ),
      make(
        "tbody",
        {},
        ...shown.map((e) =>
          make(
            "tr",
            { class: emotions.includes(e) ? "" : "tl-out", style: `--tl-mine: var(--tl-${e})` },
            make("th", { scope: "row" }, e, emotions.includes(e) ? "" : make("span", {}, " left out")),
            cell("source", source, e),
            cell("target", [target], e),
          ),
        ),
      ),
    );
    // The commonest of the target's emotions, as a share of what is to be recognised: the largest that it can be.
    const counted = emotions.filter(inTarget),
      top = counted.length ? Math.max(...counted.map((e) => counts[target][e][1])) : 0;
    const most = nT[0] ? (100 * top) / nT[0] : 0;
    const even = emotions.length ? 100 / emotions.length : 0;
    const sum = (letters) => letters.reduce((n, l) => n + facts[l].speakers, 0);
    const languages = [...new Set(source.map((s) => facts[s].language))];
    const texts = {
      source: span(nS),
      target: span(nT),
      speakers_source: sum(source),
      speakers_target: facts[target].speakers,
      languages: `${words(languages) || "none"} to ${facts[target].language}`,
      even: `${even.toFixed(1)} %`,
      most: `${most.toFixed(1)} %`,
    };
    for (const [n, v] of Object.entries(texts)) outputs[n].value = v;
    for (const [n, v] of Object.entries({ source: nS, target: nT })) outputs[n].dataset.exact = v.join(" ");
    for (const [n, v] of Object.entries({ even, most })) outputs[n].dataset.exact = v;
    const deaf = emotions.filter((e) => !inSource(e)),
      mute = emotions.filter((e) => !inTarget(e));
    const trouble = [
      !source.length && "Without a source there is nothing to learn from.",
      emotions.length < 2 && source.length && "One emotion is no choice: keep two or more.",
      deaf.length &&
        source.length &&
        `The source has no ${words(deaf)}, so nothing can be learnt of ${deaf.length > 1 ? "them" : "it"}.`,
      mute.length && `The target has no ${words(mute)}: to say so is always wrong.`,
    ].filter(Boolean);
    const row2 = rowOfTable2(printed, source, target, emotions, [...nS, ...nT]);
    picker.set(known());
    say(
      `${source.join(" and ") || "Nothing"} to ${target}: ${emotions.length} emotions, ${span(nS)} recordings to learn from, ${span(nT)} to recognise. ` +
        `${row2 ? `This is ${row2} of the paper's Table 2. ` : ""}${trouble.join(" ")}`,
    );
    sources.forEach((label) => {
      const input = label.firstChild;
      input.checked = source.includes(input.value);
      input.disabled = input.value === target;
    });
    boxes.forEach((label) => {
      label.firstChild.checked = emotions.includes(label.firstChild.value);
    });
    targets.set(target);
    const quoted = emotions.map((e) => `"${e}"`).join(", ");
    code.textContent = `from tlmlda_lib import corpora, domains

source = [corpora.load(x) for x in "${source.join("")}"]
target = corpora.load("${target}")
pair = domains.make_pair(source, target, emotions=[${quoted}])
print((~pair.target).sum(), pair.target.sum())`;
    address.write(`${source.join("")}.${target}.${every.map((e) => (emotions.includes(e) ? 1 : 0)).join("")}`, touched);
    touched = true;
    own = true;
    for (const [n, v] of Object.entries({
      source: source.join(""),
      target,
      emotions: [...emotions],
      sizes: [...nS, ...nT],
    }))
      model.set(n, v);
    model.save_changes();
    own = false;
  }

  function fromModel() {
    if (own) return;
    target = model.get("target");
    source = [...model.get("source")].filter((s) => s !== target);
    emotions = [...model.get("emotions")];
    update();
  }

  const [s, t, bits] = (address.read() ?? "").split(".");
  const letters = [...(s ?? "")];
  if (
    t in counts &&
    /^[01]+$/.test(bits ?? "") &&
    bits.length === every.length &&
    letters.every((l) => LETTERS.includes(l) && l !== t) &&
    new Set(letters).size === letters.length
  ) {
    source = LETTERS.filter((l) => letters.includes(l));
    target = t;
    emotions = every.filter((_, i) => bits[i] === "1");
  }
  update();
  const events = ["change:source", "change:target", "change:emotions"];
  for (const event of events) model.on(event, fromModel);
  return () => {
    for (const event of events) model.off(event, fromModel);
  };
}

export default explorable(render, ["counts", "facts", "schemes", "printed", "every"]);
