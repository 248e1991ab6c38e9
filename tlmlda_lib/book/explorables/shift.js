// Two corpora in a plane: neighbours, predictions and sound, for each scaling (shift.py).

/** @import { View } from "./base.js" */
/** @import { Point, Scaling, Shares } from "./neighbours.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, make, put, redraw } from "./base.js";
import { radio } from "./controls.js";
import { percent } from "./format.js";
import { diamond, disc, endsOf, fitted, planeOf, sample } from "./marks.js";
import { captionOf, sharesOf } from "./neighbours.js";
import { placeIn, sharedState } from "./state.js";

/** @type {Record<string, string>} */
const COLOURS = { emotion: "by emotion", corpus: "by corpus" };
const DOMAINS = ["source", "target"];
const SHAPES = [disc, (/** @type {number} */ r) => diamond(1.25 * r)];

/**
 * What the neighbours of a scaling are.
 * @param {string} name of the scaling
 * @param {Shares} shares
 */
export const neighboursInWords = (name, { corpus, emotion }) =>
  `Scaled ${name}: ${percent(corpus, 1)} of the neighbours are of a point's own corpus; ` +
  `across the corpora, ${percent(emotion, 1)} are of its own emotion.`;

/**
 * @typedef {object} State
 * @property {string} chosen name of the scaling
 * @property {string} colour
 * @property {number} mark the chosen utterance, -1 for none
 */

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {Scaling[]} maps
 * @param {Point[]} points
 * @returns {State | null}
 */
export function readSetting(said, maps, points) {
  const [map, colour, mark, ...more] = said.split("~");
  const which = placeIn(map, maps.length);
  const i = placeIn(mark, points.length);
  const heard = i >= 0 ? points[i].audio : mark === "-1" && points.every((p) => !p.audio);
  if (which < 0 || !(colour in COLOURS) || !heard || more.length) return null;
  return { chosen: maps[which].name, colour, mark: i };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-corpora");
  /** @type {Point[]} */
  const points = model.get("points");
  /** @type {Scaling[]} */
  const maps = model.get("maps");
  /** @type {number} */
  const k = model.get("neighbours");
  const corpora = [0, 1].map((place) => points.find((p) => p.place === place)?.corpus ?? "");
  const emotions = [...new Set(points.map((p) => p.emotion))].sort();
  const shares = maps.map((map) => sharesOf(points, map, k));

  /** @type {Shared<State>} */
  const { state, ...page } = sharedState(model, {
    fields: ["chosen", "colour"],
    read: (said) => readSetting(said, maps, points),
    show,
  });
  const which = () =>
    Math.max(
      0,
      maps.findIndex((m) => m.name === state.chosen),
    );
  const now = () => maps[which()];

  const { element: summary, say } = announcer();
  const plane = planeOf({ points, shape: (p) => SHAPES[p.place](p.audio ? 6 : 3), choose, say });
  state.mark ??= plane.sounding[0] ?? -1;

  const scalings = radio({
    label: "Scaled",
    value: now().name,
    options: Object.fromEntries(maps.map((m) => [m.name, m.name])),
    change: (v) => {
      state.chosen = v;
      update();
    },
  });
  const colours = radio({
    label: "Colour",
    value: state.colour,
    options: COLOURS,
    change: (v) => {
      state.colour = v;
      update();
    },
  });
  const legend = make("p", { class: "tl-key" });
  const output = (/** @type {string} */ name) => make("output", { "data-value": name });
  const outputs = { corpus: output("corpus"), emotion: output("emotion"), recognised: output("recognised") };
  const rows = {
    corpus: `Of a point's ${k} nearest: of its own corpus`,
    emotion: `Of a ${corpora[1]} point's ${k} nearest in ${corpora[0]}: of its own emotion`,
    recognised: `Of all in ${corpora[1]}: recognised`,
  };
  const names = /** @type {(keyof Shares)[]} */ (Object.keys(rows));
  const table = make(
    "table",
    { class: "tl-shares" },
    make(
      "tbody",
      {},
      ...names.map((n) => make("tr", {}, make("th", { scope: "row" }, rows[n]), make("td", {}, outputs[n]))),
    ),
  );
  const current = make("p", { class: "tl-current" });

  el.append(
    make("div", { class: "tl-controls" }, scalings.element, colours.element),
    make(
      "p",
      { class: "tl-help" },
      "Press one of the large marks to hear it. Arrow keys go to the next one, Enter plays it, Escape stops.",
    ),
    plane.element,
    legend,
    make("div", { class: "tl-body" }, table, make("div", {}, current, summary, ...page.foot)),
    plane.player.element,
  );

  function paint() {
    const { xy } = now();
    plane.lay(
      (width) => Math.min(460, Math.max(300, width * 0.7)),
      (width, height) => {
        const { place } = fitted(endsOf(xy.flat()), width, height);
        return (i) => place(xy[i][0], xy[i][1]);
      },
    );
  }

  const wrong = (/** @type {number} */ i) => now().predicted[i] !== "" && now().predicted[i] !== points[i].emotion;

  /** What colours and shapes mean. */
  const explained = () =>
    state.colour === "emotion"
      ? [
          ...emotions.map((e) => sample(e, SHAPES[0](5), e)),
          ...corpora.map((c, place) => sample("ink", SHAPES[place](5), c)),
        ]
      : corpora.map((c, place) => sample(DOMAINS[place], SHAPES[place](5), c));

  function update() {
    const { name, predicted } = now();
    const words = (/** @type {number} */ i) => captionOf(points[i], predicted[i]);
    plane.show({
      chosen: state.mark,
      colour: (i) => (state.colour === "emotion" ? points[i].emotion : DOMAINS[points[i].place]),
      words,
      missed: wrong,
    });
    legend.replaceChildren(...explained(), sample("ink", SHAPES[1](5), "not recognised", "tl-missed"));
    const found = shares[which()];
    for (const n of names) put(outputs[n], found[n], Number.isNaN(found[n]) ? "–" : percent(found[n], 1));
    const said = neighboursInWords(name, found);
    const right = `${percent(found.recognised, 1)} of ${corpora[1]} are recognised.`;
    say(Number.isNaN(found.recognised) ? said : `${said} ${right}`);
    plane.picture.setAttribute(
      "aria-label",
      `${points.length} utterances in a plane, ${plane.sounding.length} of them to hear. ${said}`,
    );
    current.textContent = state.mark < 0 ? "" : `${words(state.mark)}.`;
    paint();
    state.chosen = name;
    page.write([which(), state.colour, state.mark].join("~"));
  }

  /** @param {number} i */
  function choose(i) {
    if (i === state.mark) return;
    state.mark = i;
    update();
  }

  function show() {
    scalings.set(now().name);
    colours.set(state.colour);
    update();
  }

  show();
  const stop = redraw(plane.element, paint);
  return () => {
    stop();
    plane.player.halt();
    page.end();
  };
}

export default explorable("shift", render, ["points", "maps", "neighbours"]);
