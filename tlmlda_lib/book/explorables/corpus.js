// Mix corpora: what remains of a source, a target and some emotions (corpus.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, folded, make, put } from "./base.js";
import { button, checkbox, choice, radio } from "./controls.js";
import { counted, listed, percent } from "./format.js";
import { sharedState } from "./state.js";

/** @typedef {readonly [number, number]} Range fewest and most */
/** @typedef {Record<string, Range>} ByEmotion */
/** @typedef {Record<string, ByEmotion>} Counts recordings of each emotion, by corpus */
/** @typedef {{ files: number, speakers: number, name: string, language: string }} Facts about a corpus */
/** @typedef {{ sources: string[], target: string, emotions: string[], words: string }} Scheme */
/** @typedef {{ source: string, target: string, emotions: string[], sizes: number[] }} Row of Table 2 */
/** @typedef {{ source: string, target: string, emotions: string[] }} Mix corpora by their letters */

const LETTERS = ["E", "B", "C", "R"];

/**
 * @param {Range[]} ranges
 * @returns {Range}
 */
const add = (ranges) => ranges.reduce(([a, b], [c, d]) => [a + c, b + d], /** @type {Range} */ ([0, 0]));

/**
 * "212 to 215", or one number.
 * @param {Range} range
 */
export const span = ([low, high]) => (low === high ? String(low) : `${low} to ${high}`);

/**
 * Recordings of some emotions in a corpus, as tlmlda_lib.book.explorables.corpus.recordings counts them.
 * @param {ByEmotion} own
 * @param {number} files in all
 * @param {string[]} emotions
 * @returns {Range}
 */
export function recordings(own, files, emotions) {
  const [kept, rest] = [true, false].map((keep) =>
    add(Object.keys(own).flatMap((e) => (emotions.includes(e) === keep ? [own[e]] : []))),
  );
  return [Math.max(kept[0], files - rest[1]), Math.min(kept[1], files - rest[0])];
}

/**
 * Recordings of a mix, to learn from and to recognise.
 * @param {Counts} counts
 * @param {Record<string, { files: number }>} facts
 * @param {Mix} mix
 */
export function sizesOf(counts, facts, { source, target, emotions }) {
  const of = (/** @type {string} */ letters) =>
    add([...letters].map((l) => recordings(counts[l], facts[l].files, emotions)));
  return { source: of(source), target: of(target) };
}

/**
 * What guessing recognises: evenly, and always the commonest of the target's emotions, at most.
 * @param {ByEmotion} own of the target
 * @param {string[]} emotions
 * @param {number} fewest recordings of them
 */
export function guessing(own, emotions, fewest) {
  const top = Math.max(0, ...emotions.flatMap((e) => (e in own ? [own[e][1]] : [])));
  return { even: emotions.length ? 1 / emotions.length : 0, most: fewest ? top / fewest : 0 };
}

/**
 * @template T
 * @param {readonly T[]} a
 * @param {readonly T[]} b
 */
const equal = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

/**
 * The scheme of the paper's Table 2 that a mix is, or "": tlmlda_lib.book.explorables.corpus.row_of_table_2.
 * @param {Record<string, Row>} printed
 * @param {Mix} mix
 * @param {{ source: Range, target: Range }} sizes
 */
export function rowOfTable2(printed, mix, sizes) {
  const name = Object.keys(printed).find((n) => printed[n].source === mix.source && printed[n].target === mix.target);
  if (name === undefined) return "";
  const row = printed[name];
  const counts = [...sizes.source, ...sizes.target];
  const whole = row.sizes.flatMap((n) => [n, n]);
  return equal([...mix.emotions].sort(), row.emotions) && equal(counts, whole) ? name : "";
}

/**
 * Sentences about what cannot be learnt or recognised in a mix.
 * @param {Counts} counts
 * @param {Mix} mix
 */
export function troubles(counts, { source, target, emotions }) {
  const unheard = emotions.filter((e) => ![...source].some((s) => e in counts[s]));
  const absent = emotions.filter((e) => !(e in counts[target]));
  const said = [];
  if (!source) said.push("Without a source there is nothing to learn from.");
  if (source && emotions.length < 2) said.push("One emotion is no choice: keep two or more.");
  if (source && unheard.length) {
    const them = unheard.length > 1 ? "them" : "it";
    said.push(`The source has no ${listed(unheard)}, so nothing can be learnt of ${them}.`);
  }
  if (absent.length) said.push(`The target has no ${listed(absent)}: to say so is always wrong.`);
  return said;
}

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {string[]} every emotion there is, in its order
 * @returns {Mix | null}
 */
export function readSetting(said, every) {
  const [source, target, bits, ...more] = said.split(".");
  const letters = LETTERS.filter((l) => source.includes(l));
  const known = LETTERS.includes(target) && !letters.includes(target) && letters.length === source.length;
  if (more.length || !known || !/^[01]+$/.test(bits ?? "") || bits.length !== every.length) return null;
  return { source: letters.join(""), target, emotions: every.filter((_, i) => bits[i] === "1") };
}

/** @param {Mix} mix */
export const python = ({ source, target, emotions }) => `from tlmlda_lib import corpora, domains

source = [corpora.load(x) for x in "${source}"]
target = corpora.load("${target}")
pair = domains.make_pair(source, target, emotions=[${emotions.map((e) => `"${e}"`).join(", ")}])
print((~pair.target).sum(), pair.target.sum())`;

const NUMBERS = /** @type {const} */ ({
  source: "recordings to learn from",
  target: "recordings to recognise",
  speakers_source: "speakers to learn from",
  speakers_target: "speakers to recognise",
  languages: "languages",
  even: "guessing evenly recognises",
  most: "always the commonest recognises",
});

/** The numbers of a mix. */
function numbersList() {
  const names = /** @type {(keyof typeof NUMBERS)[]} */ (Object.keys(NUMBERS));
  const outputs = /** @type {Record<keyof typeof NUMBERS, HTMLOutputElement>} */ (
    Object.fromEntries(names.map((n) => [n, make("output", { "data-value": n })]))
  );
  const rows = names.flatMap((n) => [make("dt", {}, NUMBERS[n]), make("dd", {}, outputs[n])]);
  return { element: make("dl", { class: "tl-numbers" }, ...rows), outputs };
}

/**
 * Recordings of each emotion, in source and target.
 * @param {Counts} counts
 * @param {Mix} mix
 * @param {string[]} every
 */
function chartOf(counts, { source, target, emotions }, every) {
  const having = (/** @type {string} */ letters, /** @type {string} */ e) => [...letters].filter((l) => e in counts[l]);
  const total = (/** @type {string} */ letters, /** @type {string} */ e) =>
    add(having(letters, e).map((l) => counts[l][e]));
  const shown = every.filter((e) => emotions.includes(e) || having(source + target, e).length);
  const largest = Math.max(1, ...shown.flatMap((e) => [source, target].map((letters) => total(letters, e)[1])));

  /**
   * @param {"source" | "target"} kind
   * @param {string} letters
   * @param {string} e
   */
  function cell(kind, letters, e) {
    const parts = having(letters, e);
    const bars = parts.map((l) =>
      make("div", { class: `tl-bar tl-of-${kind}`, style: `width: ${(100 * counts[l][e][1]) / largest}%` }),
    );
    const count = total(letters, e);
    const each = ` (${parts.map((l) => `${l} ${span(counts[l][e])}`).join(", ")})`;
    return make(
      "td",
      {},
      make("div", { class: "tl-track", "aria-hidden": "true" }, ...bars),
      make("span", { class: "tl-count", "data-count": `${kind}.${e}` }, count[1] ? span(count) : "none"),
      parts.length > 1 ? make("span", { class: "tl-parts" }, each) : "",
    );
  }

  const rows = shown.map((e) => {
    const kept = emotions.includes(e);
    return make(
      "tr",
      { class: kept ? "" : "tl-out", style: `--tl-mine: var(--tl-${e})` },
      make("th", { scope: "row" }, e, kept ? "" : make("span", {}, " left out")),
      cell("source", source, e),
      cell("target", target, e),
    );
  });
  const heads = [`source, ${[...source].join(" and ") || "none"}`, `target, ${target}`];
  return [
    make("caption", {}, "Recordings of each emotion"),
    make("thead", {}, make("tr", {}, make("td"), ...heads.map((h) => make("th", { scope: "col" }, h)))),
    make("tbody", {}, ...rows),
  ];
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-mix");
  /** @type {Record<string, Row>} */
  const printed = model.get("printed");
  /** @type {Counts} */
  const counts = model.get("counts");
  /** @type {Record<string, Facts>} */
  const facts = model.get("facts");
  /** @type {Record<string, Scheme>} */
  const schemes = model.get("schemes");
  /** @type {string[]} */
  const every = model.get("every");
  const titles = Object.fromEntries(LETTERS.map((l) => [l, `${l}, ${facts[l].name}`]));
  /** @type {Shared<Mix>} */
  const { state, ...page } = sharedState(model, {
    fields: ["source", "target", "emotions"],
    read: (said) => readSetting(said, every),
    show: update,
  });

  const have = (/** @type {string} */ letters, /** @type {string} */ e) => [...letters].some((l) => e in counts[l]);
  const inOrder = (/** @type {string[]} */ emotions) => every.filter((e) => emotions.includes(e));
  function known() {
    const sorted = (/** @type {Iterable<string>} */ x) => [...x].sort();
    const is = (/** @type {Scheme} */ s) =>
      s.target === state.target &&
      equal(sorted(s.sources), sorted(state.source)) &&
      equal(sorted(s.emotions), sorted(state.emotions));
    return Object.keys(schemes).find((name) => is(schemes[name])) ?? "own";
  }

  const picker = choice({
    label: "Scheme",
    value: known(),
    options: { ...Object.fromEntries(Object.keys(schemes).map((n) => [n, schemes[n].words])), own: "your own" },
    change: (v) => {
      if (v !== "own") {
        const { sources, target, emotions } = schemes[v];
        Object.assign(state, { source: sources.join(""), target, emotions: inOrder(emotions) });
      }
      update();
    },
  });
  const sources = LETTERS.map((l) =>
    box("source", l, titles[l], (on) => {
      state.source = LETTERS.filter((x) => (x === l ? on : state.source.includes(x))).join("");
    }),
  );
  const targets = radio({
    label: "Target",
    options: titles,
    value: state.target,
    change: (v) => {
      state.target = v;
      update();
    },
  });
  const boxes = every.map((e) =>
    box("emotion", e, e, (on) => {
      state.emotions = every.filter((x) => (x === e ? on : state.emotions.includes(x)));
    }),
  );
  const common = button("All that both have", () => {
    state.emotions = every.filter((e) => have(state.source, e) && have(state.target, e));
    update();
  });

  const chart = make("table", { class: "tl-chart" });
  const { element: numbers, outputs } = numbersList();
  const { element: summary, say } = announcer();
  const { element: fold, code } = folded("This mix in Python");
  const group = (/** @type {string} */ title, /** @type {Element[]} */ ...inside) =>
    make("fieldset", { class: "tl-radio" }, make("legend", {}, title), ...inside);
  el.append(
    make("div", { class: "tl-controls" }, picker.element),
    group("Source", ...sources.map((b) => b.element)),
    targets.element,
    group("Emotions", ...boxes.map((b) => b.element), common),
    make("div", { class: "tl-body" }, chart, numbers),
    summary,
    ...page.foot,
    fold,
  );

  /**
   * @param {string} kind
   * @param {string} name
   * @param {string} label
   * @param {(on: boolean) => void} change
   */
  function box(kind, name, label, change) {
    const made = checkbox({
      label,
      name,
      value: false,
      change: (on) => {
        change(on);
        update();
      },
    });
    made.input.dataset.kind = kind;
    return made;
  }

  function showNumbers(/** @type {ReturnType<typeof sizesOf>} */ sizes) {
    const { source, target, emotions } = state;
    const { even, most } = guessing(counts[target], emotions, sizes.target[0]);
    const languages = [...new Set([...source].map((l) => facts[l].language))];
    const speakers = [...source].reduce((n, l) => n + facts[l].speakers, 0);
    for (const side of /** @type {const} */ (["source", "target"])) {
      outputs[side].value = span(sizes[side]);
      outputs[side].dataset.exact = sizes[side].join(" ");
    }
    outputs.speakers_source.value = String(speakers);
    outputs.speakers_target.value = String(facts[target].speakers);
    outputs.languages.value = `${listed(languages) || "none"} to ${facts[target].language}`;
    put(outputs.even, 100 * even, percent(even, 1));
    put(outputs.most, 100 * most, percent(most, 1));
  }

  function showControls() {
    picker.set(known());
    targets.set(state.target);
    for (const { input, set } of sources) {
      set(state.source.includes(input.value));
      input.disabled = input.value === state.target;
    }
    for (const { input, set } of boxes) set(state.emotions.includes(input.value));
  }

  function update() {
    // What is recognised is not learnt from.
    state.source = state.source.replace(state.target, "");
    const { source, target, emotions } = state;
    const sizes = sizesOf(counts, facts, state);
    chart.replaceChildren(...chartOf(counts, state, every));
    showNumbers(sizes);
    showControls();
    const row = rowOfTable2(printed, state, sizes);
    const sentences = [
      `${[...source].join(" and ") || "Nothing"} to ${target}: ${counted(emotions.length, "emotion")}, ` +
        `${span(sizes.source)} recordings to learn from, ${span(sizes.target)} to recognise.`,
      ...(row ? [`This is ${row} of the paper's Table 2.`] : []),
      ...troubles(counts, state),
    ];
    say(sentences.join(" "));
    code.textContent = python(state);
    const bits = every.map((e) => (emotions.includes(e) ? 1 : 0)).join("");
    page.write(`${source}.${target}.${bits}`, { sizes: [...sizes.source, ...sizes.target] });
  }

  update();
  return page.end;
}

export default explorable("corpus", render, ["counts", "facts", "schemes", "printed", "every"]);
