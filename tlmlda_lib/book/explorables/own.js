// Which scaling for one's own recordings (own.py).

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, make } from "./base.js";
import { radio, slider } from "./controls.js";
import { isCount, partsOf, sharedState } from "./state.js";

/** @typedef {"corpus" | "voices" | "speaker"} Within */
/** @typedef {"free" | "signs" | "zeros"} Column what a column becomes in the smallest group */

/**
 * @typedef {object} State
 * @property {string} corpora "two" or "one"
 * @property {string} labels "known" or "none"
 * @property {string} names "known" or "none"
 * @property {string} voices "both" or "one"
 * @property {number} recordings
 * @property {number} speakers
 * @property {Within} within
 */

const CHOICES = {
  corpora: { label: "There is", options: { two: "a labelled corpus, and mine", one: "mine alone" } },
  labels: { label: "My emotions", options: { known: "labelled", none: "not labelled" } },
  names: { label: "My speakers", options: { known: "named", none: "not named" } },
  voices: { label: "Voices", options: { both: "women and men", one: "women alone, or men alone" } },
};
/** @type {Record<Within, string>} */
const SCALINGS = { corpus: "each corpus", voices: "each voice", speaker: "each speaker" };
/** @type {Record<Within, string>} */
const PRESETS = { corpus: "zscore", voices: "voices", speaker: "speaker" };
/** @type {Record<Within, string>} */
const NEEDS = { corpus: "nothing", voices: "nothing: groups are heard", speaker: "names" };
/** @type {Record<Column, string>} */
const NUMBERS = { free: "any number", signs: "1 or −1", zeros: "0" };
const FIELDS = /** @type {const} */ (["corpora", "labels", "names", "voices", "recordings", "speakers", "within"]);

/** What the library raises, word for word. */
export const ERRORS = {
  unscored: "the target has no labels, so there is no score: fit the method and use its predict",
  unpaired: "the source has no recordings of a common emotion: give other corpora",
  single:
    "source and target have one common emotion (source: anger, sad; target: anger): recordings of at least two are needed in both",
};

/** @typedef {Omit<State, "within">} Folder */

/**
 * The speaker of each recording of mine, dealt in turn; without names all are one.
 * @param {Folder} folder
 */
const speakersOf = ({ names, speakers, recordings }) =>
  Array.from({ length: recordings }, (_, i) => (names === "known" ? i % speakers : 0));

/**
 * Rows of the target: all of mine, or, where mine is all there is, the first speaker's.
 * @param {Folder} folder
 */
function target(folder) {
  const who = speakersOf(folder);
  const rows = who.map((_, i) => i).filter((i) => folder.corpora === "two" || who[i] === 0);
  // Without names, who speaks is dealt in turn all the same: the library hears it, and cannot say who it is.
  const sex = (/** @type {number} */ i) => (folder.names === "known" ? who[i] % 2 : i % 2);
  return { who, rows, sex };
}

/**
 * @template T
 * @param {T[]} values
 * @returns {number[]} how often each of them occurs
 */
const counts = (values) => [...new Set(values)].map((v) => values.filter((w) => w === v).length);

/**
 * Groups of a target on each scale, the size of the smallest, and what a column of it becomes: the z-score of one
 * recording is 0, those of two are 1 and −1.
 * @param {Folder} folder
 * @returns {Record<Within, { groups: number, least: number, column: Column }>}
 */
export function scales(folder) {
  const { who, rows, sex } = target(folder);
  const of = (/** @type {number[]} */ sizes) => {
    const least = Math.min(...sizes);
    return {
      groups: sizes.length,
      least,
      column: /** @type {Column} */ (least === 1 ? "zeros" : least === 2 ? "signs" : "free"),
    };
  };
  const heard = counts(rows.map(sex));
  // Two groups are voices only where another domain has two such groups as well.
  const two = folder.voices === "both" && heard.length === 2;
  return {
    corpus: of([rows.length]),
    voices: of(two ? heard : [rows.length]),
    speaker: of(counts(rows.map((i) => who[i]))),
  };
}

/**
 * @typedef {object} Outcome
 * @property {boolean} predictions
 * @property {boolean} figures
 * @property {"speakers" | "utterances" | "none"} interval over what
 * @property {string} error what the library says where it cannot
 */

/**
 * What can be said in the end. Two recordings or more are taken to be of two emotions.
 * @param {Folder} folder
 * @returns {Outcome}
 */
export function outcome(folder) {
  const people = new Set(speakersOf(folder)).size;
  /** @type {Omit<Outcome, "error">} */
  const refused = { predictions: false, figures: false, interval: "none" };
  const alone = folder.corpora === "one";
  if (alone && (folder.labels === "none" || people < 2)) return { ...refused, error: ERRORS.unpaired };
  if (folder.labels === "known" && target(folder).rows.length < 2) return { ...refused, error: ERRORS.single };
  if (folder.labels === "none") return { ...refused, predictions: true, error: ERRORS.unscored };
  return { predictions: true, figures: true, interval: !alone && people > 1 ? "speakers" : "utterances", error: "" };
}

/**
 * The same in words.
 * @param {Outcome} out
 * @param {ReturnType<typeof scales>} all
 */
export function verdict(out, all) {
  if (!out.predictions) {
    const why =
      out.error === ERRORS.single
        ? "a single labelled recording shares one emotion with others, and there is nothing to choose from."
        : "nobody is left to learn from, or nobody to be tested on.";
    return `Neither predictions nor figures: ${why}`;
  }
  const interval =
    out.interval === "speakers"
      ? "with an interval over your speakers"
      : "with an interval over utterances alone, which is too short for other people";
  const end = out.figures ? `Predictions and figures, ${interval}.` : "Predictions and no figure.";
  const bad = withins(all).filter((w) => all[w].column !== "free");
  return end + (bad.length ? ` Too few for a scale of ${bad.map((w) => SCALINGS[w]).join(", of ")}.` : "");
}

/** @param {Record<Within, unknown>} all */
const withins = (all) => /** @type {Within[]} */ (Object.keys(all));

/**
 * The lines to run.
 * @param {State} state
 */
export function lines(state) {
  const preset = PRESETS[state.within];
  const alone = state.corpora === "one";
  const scored = state.labels === "known";
  const voices = state.within === "voices" ? ", pair.voices" : "";
  return [
    "import tlmlda_lib as tl",
    `from tlmlda_lib.experiments import run${scored ? ", tables" : ""}`,
    "",
    `mine = tl.corpora.load("folder", "mine"${scored ? "" : ", unlabelled=True"})`,
    ...(alone
      ? ['held = mine["speaker"] == mine["speaker"].iloc[0]', "source, target = mine[~held], mine[held]"]
      : ['source, target = tl.corpora.load("casia", "CORPORA"), mine']),
    ...(scored
      ? ['pair = tl.domains.make_pair(source, target, scheme="to-mine")']
      : [
          'classes = ("anger", "happy", "neutral", "sad")  # nothing else',
          "pair = tl.domains.make_pair(source, target, classes)",
        ]),
    "for problem in pair.problems:",
    '    print(problem["file"], problem["problem"])',
    ...(scored
      ? [`records = run.run(pair, "pca_svm", "${preset}", save="mine.model")`, "print(tables.summary(records).T)"]
      : [
          `clf = tl.methods.make("pca_svm", "${preset}")`,
          `clf.fit(pair.X, pair.y, pair.sample_domain, pair.groups${voices})`,
          "print([pair.classes[c] for c in clf.target_predictions_[-1]])",
          'run.keep_model(clf, pair, "mine.model", {})',
        ]),
  ].join("\n");
}

/**
 * The commands that do without a scale of one's own.
 * @param {Within} within
 */
export const commands = (within) =>
  [
    `tlmlda run --scheme C2B --method pca_svm --preset ${PRESETS[within]} --save b.model`,
    "tlmlda predict b.model mine --out emotions.csv",
  ].join("\n");

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {number[]} most recordings and speakers
 * @returns {State | null}
 */
export function readSetting(said, [recordings, speakers]) {
  const of = (/** @type {object} */ options) => (/** @type {string} */ v) => Object.hasOwn(options, v);
  const found = partsOf(said, {
    corpora: of(CHOICES.corpora.options),
    labels: of(CHOICES.labels.options),
    names: of(CHOICES.names.options),
    voices: of(CHOICES.voices.options),
    recordings: (v) => isCount(v, recordings),
    speakers: (v) => isCount(v, speakers),
    within: of(SCALINGS),
  });
  if (!found) return null;
  const within = /** @type {Within} */ (found.within);
  return { ...found, recordings: Number(found.recordings), speakers: Number(found.speakers), within };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-own");
  /** @type {number[]} */
  const most = model.get("most");
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: [...FIELDS],
    read: (said) => readSetting(said, most),
    show,
  });

  /** @param {keyof State} field */
  const change = (field) => (/** @type {string | number} */ v) => {
    Object.assign(state, { [field]: v });
    update();
  };
  /** @param {keyof typeof CHOICES} field */
  const group = (field) => radio({ ...CHOICES[field], value: state[field], change: change(field) });
  /**
   * @param {"recordings" | "speakers"} field
   * @param {string} label
   * @param {number} max
   */
  const number = (field, label, max) =>
    slider({ label, min: 1, max, step: 1, value: state[field], words: String, change: change(field) });
  const radios = {
    corpora: group("corpora"),
    labels: group("labels"),
    names: group("names"),
    voices: group("voices"),
    within: radio({ label: "Lines for", options: SCALINGS, value: state.within, change: change("within") }),
  };
  const sliders = {
    recordings: number("recordings", "My recordings", most[0]),
    speakers: number("speakers", "My speakers, if named", most[1]),
  };

  const body = make("tbody");
  const quote = make("p", { class: "tl-quote", "data-value": "error" });
  const { element: end, say } = announcer();
  end.classList.add("tl-end");
  const code = make("pre", { tabindex: "0", "aria-label": "Python code", "data-value": "python" });
  const shell = make("pre", { tabindex: "0", "aria-label": "Commands", "data-value": "shell" });
  const aside = make("p", { class: "tl-aside" });
  const heads = ["scaling", "has to know", "scales", "recordings in the smallest", "in it a column becomes"];
  const table = make(
    "table",
    {},
    make("caption", {}, "What is put on one scale, of the target"),
    make("thead", {}, make("tr", {}, ...heads.map((w) => make("th", { scope: "col" }, w)))),
    body,
  );
  const { within, ...folder } = radios;
  const controls = [...Object.values(folder), sliders.recordings, sliders.speakers].map((c) => c.element);
  el.append(
    make("div", { class: "tl-controls" }, ...controls),
    make("div", { class: "tl-wide", tabindex: "0", role: "region", "aria-label": "What each scaling sees" }, table),
    end,
    quote,
    make("div", { class: "tl-controls" }, within.element),
    make("p", { class: "tl-head" }, "In Python"),
    code,
    make("p", { class: "tl-head" }, "In two commands, without a scale of your own"),
    shell,
    aside,
    ...shared.foot,
  );

  /**
   * @param {Within} name
   * @param {ReturnType<typeof scales>[Within] | null} s null where there is no pair of domains
   */
  function row(name, s) {
    const same = name !== "corpus" && s?.groups === 1;
    const cells = s ? [same ? "1, as each corpus" : s.groups, s.least, NUMBERS[s.column]] : ["–", "–", "–"];
    return make(
      "tr",
      {
        "data-within": name,
        "data-groups": s?.groups ?? 0,
        "data-least": s?.least ?? 0,
        "data-column": s?.column ?? "none",
      },
      make("th", { scope: "row" }, SCALINGS[name]),
      make("td", {}, NEEDS[name]),
      ...cells.map((v) => make("td", {}, String(v))),
    );
  }

  function update() {
    const all = scales(state);
    const out = outcome(state);
    body.replaceChildren(...withins(all).map((name) => row(name, out.predictions ? all[name] : null)));
    const { predictions, figures, interval, error } = out;
    Object.assign(end.dataset, { predictions, figures, interval });
    quote.textContent = error ? `The library: ${error}.` : "";
    quote.dataset.error = error;
    quote.hidden = !error;
    say(verdict(out, all));
    code.textContent = lines(state);
    shell.textContent = commands(state.within);
    const after =
      state.within === "speaker"
        ? "And predict is told no names: it warns, and takes the scale of all of B."
        : "After the lines in Python, tlmlda predict mine.model puts further ones on yours.";
    aside.textContent = `These put your recordings on the scale of B, which the model was trained for. ${after}`;
    shared.write(FIELDS.map((f) => state[f]).join("."));
  }

  function show() {
    for (const f of /** @type {(keyof typeof radios)[]} */ (Object.keys(radios))) radios[f].set(state[f]);
    sliders.recordings.set(state.recordings);
    sliders.speakers.set(state.speakers);
    update();
  }

  show();
  return shared.end;
}

export default explorable("own", render, ["most"]);
