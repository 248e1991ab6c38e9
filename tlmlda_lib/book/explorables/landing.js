// Two corpora before and after alignment: marks that move, and that can be heard (landing.py).

/** @import { View } from "./base.js" */
/** @import { Point, Scaling, Shares } from "./neighbours.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, make, put, redraw } from "./base.js";
import { button } from "./controls.js";
import { percent } from "./format.js";
import { diamond, disc, endsOf, fitted, planeOf, sample } from "./marks.js";
import { captionOf, sharesOf } from "./neighbours.js";
import { placeIn, sharedState } from "./state.js";

/** How many neighbours are counted. */
const NEAR = 5;
const SHAPES = [disc, (/** @type {number} */ r) => diamond(1.25 * r)];

/**
 * What guessing evenly among the emotions would give.
 * @param {Point[]} points
 */
export const chance = (points) => 1 / new Set(points.map((p) => p.emotion)).size;

/**
 * What is seen, in words.
 * @param {boolean} on
 * @param {string} target its name
 * @param {Shares} shares
 */
export function sentence(on, target, { corpus, recognised }) {
  const near = `Alignment ${on ? "on" : "off"}: ${percent(corpus)} of a mark's nearest are of its own corpus`;
  return Number.isNaN(recognised) ? `${near}.` : `${near}, and ${percent(recognised)} of ${target} are recognised.`;
}

/**
 * @typedef {object} State
 * @property {boolean} on
 * @property {number} mark the chosen utterance, -1 for none
 */

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {Point[]} points
 * @returns {State | null}
 */
export function readSetting(said, points) {
  const [on, mark, ...more] = said.split(".");
  const i = placeIn(mark, points.length);
  const heard = i >= 0 ? points[i].audio : mark === "-1" && points.every((p) => !p.audio);
  return ["0", "1"].includes(on) && heard && !more.length ? { on: on === "1", mark: i } : null;
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-corpora", "tl-landing");
  /** @type {Point[]} */
  const points = model.get("points");
  /** @type {Scaling[]} */
  const maps = model.get("maps");
  const corpora = [0, 1].map((place) => points.find((p) => p.place === place)?.corpus ?? "");
  const shares = maps.map((map) => sharesOf(points, map, NEAR));
  const emotions = [...new Set(points.map((p) => p.emotion))].sort();

  /** @type {Shared<State>} */
  const { state, ...page } = sharedState(model, {
    fields: ["on"],
    read: (said) => readSetting(said, points),
    show: update,
  });
  const now = () => maps[Number(state.on)];

  const { element: summary, say } = announcer();
  const plane = planeOf({ points, shape: (p) => SHAPES[p.place](p.audio ? 7 : 3), choose, say });
  state.mark ??= plane.sounding[0] ?? -1;

  const turn = button("", () => {
    state.on = !state.on;
    update();
  });
  const rate = make("output", { "data-value": "recognised" });
  const current = make("p", { class: "tl-current" });
  const floor = `guessing evenly: ${percent(chance(points))}`;
  el.append(
    make("div", { class: "tl-controls" }, turn, make("p", { class: "tl-rate" }, `${corpora[1]} recognised: `, rate)),
    make(
      "p",
      { class: "tl-key" },
      ...emotions.map((e) => sample(e, SHAPES[0](5), e)),
      // Hollow: a full one would look like the mark of an emotion.
      ...corpora.map((c, place) => sample("ink", SHAPES[place](5), c, "tl-missed")),
    ),
    plane.element,
    current,
    make("div", { class: "tl-hidden" }, summary),
    ...page.foot,
    plane.player.element,
  );

  function paint() {
    const { xy } = now();
    plane.lay(
      (width) => Math.min(440, Math.max(290, width * 0.58)),
      (width, height) => {
        const { place } = fitted(endsOf(xy.flat()), width, height);
        return (i) => place(xy[i][0], xy[i][1]);
      },
    );
  }

  function update() {
    const { predicted } = now();
    const words = (/** @type {number} */ i) => captionOf(points[i], predicted[i]);
    plane.show({ chosen: state.mark, colour: (i) => points[i].emotion, words });
    turn.textContent = state.on ? "Switch alignment off" : "Switch alignment on";
    const found = shares[Number(state.on)];
    put(rate, found.recognised, Number.isNaN(found.recognised) ? "–" : `${percent(found.recognised)} (${floor})`);
    const said = sentence(state.on, corpora[1], found);
    say(said);
    plane.picture.setAttribute(
      "aria-label",
      `${points.length} utterances in a plane, ${plane.sounding.length} of them to hear. ${said}`,
    );
    current.textContent = state.mark < 0 ? "" : `${words(state.mark)}.`;
    paint();
    page.write(`${Number(state.on)}.${state.mark}`);
  }

  /** @param {number} i */
  function choose(i) {
    if (i === state.mark) return;
    state.mark = i;
    update();
  }

  update();
  const stop = redraw(plane.element, paint);
  return () => {
    stop();
    plane.player.halt();
    page.end();
  };
}

export default explorable("landing", render, ["points", "maps"]);
