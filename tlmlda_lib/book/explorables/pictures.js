// The motion of features: where training takes each recording, epoch by epoch (pictures.py).

/** @import { Places } from "./marks.js" */
/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { linear, trace } from "./axes.js";
import { announcer, explorable, make, put, redraw } from "./base.js";
import { shortsOf } from "./bytes.js";
import { button, checkbox, radio, slider } from "./controls.js";
import { fixed, percent } from "./format.js";
import { diamond, disc, endsOf, fitted, planeOf, sample } from "./marks.js";
import { placeIn, sharedState } from "./state.js";

/**
 * A recording.
 * @typedef {object} Point
 * @property {"source" | "target"} domain
 * @property {string} emotion
 * @property {string} [caption]
 * @property {string} [audio]
 */

/**
 * A training as Python gives it: all lists have an item for each epoch, the first before training.
 * @typedef {object} Given
 * @property {string} name
 * @property {string} xy base64 of int16: x and y of each point, epoch by epoch
 * @property {string[]} predicted a digit for each point: the place of an emotion
 * @property {Record<Counted, number[]>} numbers
 * @property {number} share of the spread that the plane holds
 */

/** @typedef {"mmd" | "lmmd" | "predicted" | "true" | "head"} Counted */

/**
 * A training with what follows from it.
 * @typedef {object} Run
 * @property {string} name
 * @property {number[]} xy
 * @property {number} share
 * @property {number} last epoch
 * @property {string[][]} said emotion that the network says of each point, by epoch
 * @property {Record<Counted | "war" | "chance", number[]>} numbers
 */

/** @type {Record<string, (r: number) => SVGElement>} */
const SHAPES = { source: disc, target: (r) => diamond(1.3 * r) };
/** @type {Record<string, string>} */
const COLOURS = { predicted: "by what the network says", true: "by true emotion", domain: "by domain" };
const LINES = /** @type {const} */ ({
  predicted: "neighbours of the same predicted emotion",
  head: "the same, named by random heads",
  true: "neighbours of the same true emotion",
  war: "recognised (WAR)",
});
const KINDS = /** @type {(keyof LINES)[]} */ (Object.keys(LINES));
const ROWS = /** @type {const} */ (["war", "predicted", "true", "mmd", "lmmd"]);

/**
 * The share of pairs of distinct things that have one name: what neighbours share where names are dealt at random.
 * @param {string[]} names
 */
export function chanceOf(names) {
  const n = names.length;
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts.values()].reduce((s, c) => s + c * (c - 1), 0) / (n * (n - 1));
}

/**
 * A training with the emotions' names, the share of the target that is recognised and what neighbours share by chance.
 * @param {Given} given
 * @param {Point[]} points
 * @param {string[]} emotions
 * @returns {Run}
 */
export function runOf({ name, xy, predicted, numbers, share }, points, emotions) {
  const targets = points.flatMap((p, i) => (p.domain === "target" ? [i] : []));
  const said = predicted.map((row) => [...row].map((digit) => emotions[Number(digit)]));
  const war = said.map((row) => targets.filter((i) => row[i] === points[i].emotion).length / targets.length);
  const chance = said.map((row) => chanceOf(targets.map((i) => row[i])));
  return { name, xy: shortsOf(xy), share, last: said.length - 1, said, numbers: { ...numbers, war, chance } };
}

/**
 * A recording in words.
 * @param {Point} point
 * @param {string} said
 */
export const captionOf = ({ emotion, domain, caption }, said) =>
  `${emotion}, ${domain}${caption ? `, ${caption}` : ""}; the network says ${said}`;

/**
 * The numbers of an epoch in words.
 * @param {Run} run
 * @param {number} epoch
 */
export function epochInWords({ name, numbers }, epoch) {
  const share = (/** @type {keyof Run["numbers"]} */ kind) => percent(numbers[kind][epoch], 1);
  return (
    `${name}, ${epoch ? `after epoch ${epoch}` : "before training"}: ${share("war")} recognised; ` +
    `of a target point's neighbours ${share("predicted")} share its predicted emotion ` +
    `(random heads: ${share("head")}) and ${share("true")} its true one.`
  );
}

/**
 * @typedef {object} State
 * @property {string} run
 * @property {number} epoch
 * @property {string} colour
 * @property {boolean} magnify
 * @property {number} mark the chosen recording, -1 for none
 */

/**
 * What an address tells, or null.
 * @param {string} said
 * @param {{ name: string, last: number }[]} runs
 * @param {Point[]} points
 * @returns {State | null}
 */
export function readSetting(said, runs, points) {
  const [run, time, colour, mark, fit, ...more] = said.split("~");
  const which = placeIn(run, runs.length);
  const epoch = which < 0 ? -1 : placeIn(time, runs[which].last + 1);
  const i = placeIn(mark, points.length);
  const heard = i >= 0 ? points[i].audio : mark === "-1" && points.every((p) => !p.audio);
  if (epoch < 0 || !(colour in COLOURS) || !heard || !["0", "1"].includes(fit) || more.length) return null;
  return { run: runs[which].name, epoch, colour, magnify: fit === "1", mark: i };
}

/**
 * Where the marks of an epoch lie, and how many times larger than in a picture of all epochs.
 * @param {Run} run
 * @param {number} epoch
 * @param {boolean} magnify whether the epoch fills the picture
 * @param {number} width
 * @param {number} height
 * @returns {{ at: Places, times: number }}
 */
export function placesOf({ xy, last }, epoch, magnify, width, height) {
  const each = xy.length / (last + 1);
  const all = fitted(endsOf(xy), width, height);
  const view = magnify ? fitted(endsOf(xy, each * epoch, each * (epoch + 1)), width, height) : all;
  return {
    at: (i) => view.place(xy[each * epoch + 2 * i], xy[each * epoch + 2 * i + 1]),
    times: view.scale / all.scale,
  };
}

/** The shares of all epochs as lines, and a cursor. */
function courses() {
  const lines = KINDS.map((kind) => make("svg:path", { class: `tl-line tl-line-${kind}` }));
  const cursor = make("svg:line", { class: "tl-now", y1: 0, y2: 100 });
  const grid = [0, 50, 100].map((v) =>
    make("svg:line", { class: "tl-grid", x1: 0, x2: 200, y1: 100 - v, y2: 100 - v }),
  );
  const picture = make(
    "svg:svg",
    { class: "tl-course", viewBox: "-1 -2 202 104", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...grid,
    ...lines,
    cursor,
  );
  const labels = [1, 0.5, 0].map((v) => make("span", {}, percent(v)));
  const axis = make("div", { class: "tl-axis", "aria-hidden": "true" }, ...labels);
  const key = (/** @type {keyof LINES} */ kind) =>
    make(
      "svg:svg",
      { class: "tl-stroke", viewBox: "0 0 24 8", "aria-hidden": "true" },
      make("svg:path", { class: `tl-line tl-line-${kind}`, d: "M0 4H24" }),
    );
  const legend = KINDS.map((kind) => make("span", {}, key(kind), ` ${LINES[kind]}`));

  /**
   * @param {Run} run
   * @param {number} epoch
   */
  function show({ numbers, last }, epoch) {
    const x = linear([0, last], [0, 200]);
    KINDS.forEach((kind, i) => {
      const places = numbers[kind].map((v, e) => /** @type {const} */ ([x(e), 100 * (1 - v)]));
      lines[i].setAttribute("d", trace(places));
    });
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, String(x(epoch)));
  }

  return {
    element: make("div", { class: "tl-courses" }, axis, picture),
    legend: make("p", { class: "tl-key" }, ...legend),
    show,
  };
}

/**
 * The numbers of an epoch. Two baselines: predictions are read off z, so a random head's are, too; true emotions do not
 * depend on z.
 * @param {number} k neighbours
 */
function numbersTable(k) {
  const words = {
    war: "Of the target: recognised (WAR)",
    predicted: `Of a target point's ${k} nearest in z: same predicted emotion`,
    true: `Of the same ${k}: same true emotion`,
    mmd: "MMD², all recordings",
    lmmd: "LMMD², all recordings",
  };
  const output = (/** @type {string} */ name) => make("output", { "data-value": name });
  const here = Object.fromEntries(ROWS.map((name) => [name, output(name)]));
  const head = output("head");
  const dealt = { predicted: output("chance-predicted"), true: output("chance-true") };
  const cell = (/** @type {HTMLElement | undefined} */ inside) => make("td", {}, ...(inside ? [inside] : []));
  const titles = ["here", "random head", "names dealt"].map((title) => make("th", { scope: "col" }, title));
  const rows = ROWS.map((name) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, words[name]),
      cell(here[name]),
      cell(name === "predicted" ? head : undefined),
      cell(name === "predicted" || name === "true" ? dealt[name] : undefined),
    ),
  );
  const element = make(
    "table",
    { class: "tl-shares" },
    make("thead", {}, make("tr", {}, make("td"), ...titles)),
    make("tbody", {}, ...rows),
  );

  /**
   * @param {Run} run
   * @param {number} epoch
   * @param {number} chance of true emotions
   */
  function show({ numbers }, epoch, chance) {
    const share = (/** @type {HTMLOutputElement} */ out, /** @type {number} */ v) => put(out, v, percent(v, 1));
    for (const name of ROWS) {
      const v = numbers[name][epoch];
      if (name === "mmd" || name === "lmmd") put(here[name], v, fixed(v, 3));
      else share(here[name], v);
    }
    share(head, numbers.head[epoch]);
    share(dealt.predicted, numbers.chance[epoch]);
    share(dealt.true, chance);
  }

  return { element, show };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-corpora", "tl-motion");
  /** @type {Point[]} */
  const points = model.get("points");
  /** @type {string[]} */
  const emotions = model.get("emotions");
  /** @type {Given[]} */
  const given = model.get("runs");
  const runs = given.map((run) => runOf(run, points, emotions));
  const chance = chanceOf(points.filter((p) => p.domain === "target").map((p) => p.emotion));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;

  /** @type {Shared<State>} */
  const { state, ...page } = sharedState(model, {
    fields: ["run", "epoch", "colour", "magnify"],
    read: (said) => readSetting(said, runs, points),
    show,
  });
  const which = () =>
    Math.max(
      0,
      runs.findIndex((r) => r.name === state.run),
    );
  const now = () => runs[which()];

  const { element: summary, say } = announcer();
  const plane = planeOf({ points, shape: (p) => SHAPES[p.domain](p.audio ? 6 : 3.4), choose, say });
  state.mark ??= plane.sounding[0] ?? -1;

  const step = slider({
    label: "Epoch",
    min: 0,
    max: now().last,
    step: 1,
    value: state.epoch,
    words: (v) => (v ? String(v) : "0, untrained"),
    change: (v) => {
      pause();
      state.epoch = v;
      update();
    },
  });
  const film = button("Play", () => (timer === undefined ? play() : pause()));
  film.dataset.value = "play";
  const trainings = radio({
    label: "Trained",
    value: now().name,
    options: Object.fromEntries(runs.map((r) => [r.name, r.name])),
    change: (v) => {
      state.run = v;
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
  const frame = checkbox({
    label: "magnify each epoch to fill the frame",
    value: state.magnify,
    change: (v) => {
      state.magnify = v;
      update();
    },
  });
  const table = numbersTable(model.get("neighbours"));
  const course = courses();
  const legend = make("p", { class: "tl-key" });
  const magnified = make("span", { class: "tl-magnified" });
  const current = make("p", { class: "tl-current" });

  el.append(
    make("div", { class: "tl-controls" }, ...(runs.length > 1 ? [trainings.element] : []), colours.element),
    make(
      "div",
      { class: "tl-controls tl-time" },
      film,
      step.element,
      make("div", { class: "tl-control" }, frame.element),
    ),
    make(
      "p",
      { class: "tl-help" },
      "Press a large mark to hear it. Arrow keys go from mark to mark, Enter plays, Escape stops. ",
      magnified,
    ),
    plane.element,
    legend,
    make(
      "div",
      { class: "tl-body" },
      make("div", {}, table.element),
      make("div", {}, course.element, course.legend, current, summary, ...page.foot),
    ),
    plane.player.element,
  );

  function paint() {
    let times = 1;
    plane.lay(
      (width) => Math.min(440, Math.max(300, width * 0.62)),
      (width, height) => {
        const places = placesOf(now(), state.epoch, state.magnify, width, height);
        times = places.times;
        return places.at;
      },
    );
    const more = state.magnify ? `; magnified ${fixed(times, 1)} times` : "";
    magnified.textContent = `One plane for all epochs, which holds ${percent(now().share)} of their spread${more}.`;
  }

  /** What colours and shapes mean. */
  function explained() {
    if (state.colour === "domain") return ["source", "target"].map((d) => sample(d, SHAPES[d](5), d));
    return [
      ...emotions.map((e) => sample(e, SHAPES.source(5), e)),
      ...["source", "target"].map((d) => sample("ink", SHAPES[d](5), d)),
    ];
  }

  function update() {
    const run = now();
    state.run = run.name;
    state.epoch = Math.max(0, Math.min(run.last, state.epoch));
    const { epoch, colour, mark } = state;
    const said = run.said[epoch];
    const words = (/** @type {number} */ i) => captionOf(points[i], said[i]);
    plane.show({
      chosen: mark,
      colour: (i) => (colour === "domain" ? points[i].domain : colour === "true" ? points[i].emotion : said[i]),
      words,
    });
    legend.replaceChildren(...explained());
    table.show(run, epoch, chance);
    course.show(run, epoch);
    step.input.max = String(run.last);
    step.set(epoch);
    const text = epochInWords(run, epoch);
    if (timer === undefined) say(text);
    plane.picture.setAttribute(
      "aria-label",
      `${points.length} recordings in a plane, ${plane.sounding.length} of them to hear, ` +
        `coloured ${COLOURS[colour]}. ${text}`,
    );
    current.textContent = mark < 0 ? "" : `${words(mark)}.`;
    paint();
    page.write([which(), epoch, colour, mark, state.magnify ? 1 : 0].join("~"), {}, timer === undefined);
  }

  // The film
  function play() {
    const pace = still.matches ? 900 : 420;
    plane.element.style.setProperty("--tl-pace", `${pace}ms`);
    if (state.epoch === now().last) state.epoch = 0;
    timer = setInterval(() => {
      state.epoch += 1;
      if (state.epoch >= now().last) stop();
      update();
    }, pace);
    plane.element.classList.add("tl-running");
    film.textContent = "Pause";
    update();
  }

  function stop() {
    clearInterval(timer);
    timer = undefined;
    plane.element.classList.remove("tl-running");
    film.textContent = "Play";
  }

  function pause() {
    const ran = timer !== undefined;
    stop();
    if (ran) update();
  }

  /** @param {number} i */
  function choose(i) {
    if (i === state.mark) return;
    state.mark = i;
    update();
  }

  function show() {
    trainings.set(now().name);
    colours.set(state.colour);
    frame.set(state.magnify);
    update();
  }

  show();
  const end = redraw(plane.element, paint);
  return () => {
    end();
    stop();
    plane.player.halt();
    page.end();
  };
}

export default explorable("pictures", render, ["points", "runs", "emotions", "neighbours"]);
