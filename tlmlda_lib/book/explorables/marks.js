// Marks in a plane, some of which play a clip when they are pressed; for every explorable that has them.

/** @import { Place } from "./axes.js" */
import { make } from "./base.js";
import { playerOf } from "./sound.js";

/** @typedef {(i: number) => Place} Places where in the picture a mark lies */

// A finger or a mouse that comes this close to a mark means it.
const REACH = 24;

// Space between the outermost marks and the picture's edge.
const EDGE = 16;

/** @type {Record<string, Place>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const MUTE = { class: "tl-mute", "aria-hidden": "true" };

/** @param {number} r */
export const disc = (r) => make("svg:circle", { r });

/** @param {number} half from its middle to a corner */
export const diamond = (half) => make("svg:path", { d: `M0 ${-half}L${half} 0L0 ${half}L${-half} 0Z` });

/**
 * The nearest of some marks, or -1 where none is within reach.
 * @param {number[]} among
 * @param {Places} at
 * @param {Place} place
 */
export function nearestMark(among, at, [x, y]) {
  const far = (/** @type {number} */ i) => Math.hypot(at(i)[0] - x, at(i)[1] - y);
  const best = among.reduce((a, b) => (a >= 0 && far(a) <= far(b) ? a : b), -1);
  return best >= 0 && far(best) <= REACH ? best : -1;
}

/**
 * Where an arrow key leads from a mark: to the nearest in that direction, where what lies aside counts double. The mark
 * itself where there is none.
 * @param {number[]} among
 * @param {Places} at
 * @param {number} from
 * @param {Place} arrow
 */
export function onward(among, at, from, [dx, dy]) {
  const [x, y] = at(from);
  const cost = (/** @type {number} */ j) => {
    const [a, b] = [at(j)[0] - x, at(j)[1] - y];
    const along = a * dx + b * dy;
    return along > 0.5 ? along + 2 * Math.abs(a * dy + b * dx) : Number.POSITIVE_INFINITY;
  };
  return among.reduce((a, b) => (cost(b) < cost(a) ? b : a), from);
}

/**
 * Lowest and highest x, lowest and highest y.
 * @typedef {[number, number, number, number]} Ends
 */

/**
 * The ends of some places.
 * @param {ArrayLike<number>} xy x and y of each place, one after the other
 * @param {number} from
 * @param {number} to
 * @returns {Ends}
 */
export function endsOf(xy, from = 0, to = xy.length) {
  const { POSITIVE_INFINITY: most } = Number;
  /** @type {Ends} */
  const ends = [most, -most, most, -most];
  for (let i = from; i < to; i += 2) {
    ends[0] = Math.min(ends[0], xy[i]);
    ends[1] = Math.max(ends[1], xy[i]);
    ends[2] = Math.min(ends[2], xy[i + 1]);
    ends[3] = Math.max(ends[3], xy[i + 1]);
  }
  return ends;
}

/**
 * How places lie in a picture: as large as it can hold them, in its middle, y upwards.
 * @param {Ends} ends
 * @param {number} width
 * @param {number} height
 */
export function fitted([left, right, low, high], width, height) {
  const scale = Math.min((width - 2 * EDGE) / (right - left || 1), (height - 2 * EDGE) / (high - low || 1));
  /** @type {(x: number, y: number) => Place} */
  const place = (x, y) => [width / 2 + scale * (x - (left + right) / 2), height / 2 - scale * (y - (low + high) / 2)];
  return { scale, place };
}

/**
 * A mark in a legend.
 * @param {string} colour its CSS variable without --tl-
 * @param {SVGElement} shape
 * @param {string} words
 * @param {...string} more classes of the mark
 */
export const sample = (colour, shape, words, ...more) =>
  make(
    "span",
    {},
    make(
      "svg:svg",
      {
        class: ["tl-swatch", ...more].join(" "),
        viewBox: "-8 -8 16 16",
        "aria-hidden": "true",
        style: `--tl-mine: var(--tl-${colour})`,
      },
      shape,
    ),
    ` ${words}`,
  );

/**
 * A plane of marks. Those with a clip are buttons, of which the Tab key reaches the chosen one; arrow keys go on.
 * @template {{ audio?: string }} P
 * @param {object} how
 * @param {P[]} how.points a clip is base64 of an MP3
 * @param {(point: P) => SVGElement} how.shape
 * @param {(i: number) => void} how.choose
 * @param {(words: string) => void} how.say
 */
export function planeOf({ points, shape, choose, say }) {
  const sounding = points.flatMap((p, i) => (p.audio ? [i] : []));
  const marks = points.map((p, i) => make("svg:g", p.audio ? spoken(i) : MUTE, shape(p)));
  // Those that can be heard lie on top.
  const picture = make(
    "svg:svg",
    { role: "group", click: press },
    ...marks.filter((_, i) => !points[i].audio),
    ...sounding.map((i) => marks[i]),
  );
  const element = make("div", { class: "tl-plane" }, picture);
  const player = playerOf({ quiet, say });
  /** @type {string[]} */
  const colours = [];
  /** @type {Places} */
  let at = () => [0, 0];
  let playing = -1;
  let laid = 0;

  /** @param {number} i */
  function spoken(i) {
    const keydown = (/** @type {KeyboardEvent} */ event) => keys(event, i);
    return { class: "tl-one", role: "button", tabindex: "-1", keydown, focus: () => choose(i) };
  }

  function press(/** @type {PointerEvent} */ event) {
    const frame = picture.getBoundingClientRect();
    const best = nearestMark(sounding, at, [event.clientX - frame.x, event.clientY - frame.y]);
    if (best < 0) return;
    marks[best].focus({ preventScroll: true });
    choose(best);
    play(best);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} i
   */
  function keys(event, i) {
    const arrow = ARROWS[event.key];
    const pressed = event.key === "Enter" || event.key === " ";
    if (event.key === "Escape") player.halt();
    if (!arrow && !pressed) return;
    event.preventDefault();
    if (arrow) {
      const next = onward(sounding, at, i, arrow);
      if (next !== i) marks[next].focus();
    } else if (playing === i) player.halt();
    else play(i);
  }

  /** @param {number} i */
  function play(i) {
    player.halt();
    playing = i;
    marks[i].classList.add("tl-playing");
    player.play(points[i].audio ?? "");
  }

  function quiet() {
    if (playing >= 0) marks[playing].classList.remove("tl-playing");
    playing = -1;
  }

  /**
   * Put the marks where they lie at the present width. At first sight, and at another width, they do not glide there.
   * @param {(width: number) => number} tall the picture's height
   * @param {(width: number, height: number) => Places} places
   */
  function lay(tall, places) {
    const width = element.clientWidth;
    if (!width) return;
    const height = tall(width);
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.style.height = `${height}px`;
    at = places(width, height);
    const still = width !== laid;
    element.classList.toggle("tl-still", still);
    laid = width;
    marks.forEach((g, i) => {
      const [x, y] = at(i);
      g.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    });
    if (!still) return;
    element.getBoundingClientRect(); // where the marks are now, before they may glide again
    element.classList.remove("tl-still");
  }

  /**
   * @param {object} look
   * @param {number} look.chosen
   * @param {(i: number) => string} look.colour a mark's CSS variable without --tl-
   * @param {(i: number) => string} look.words what a screen reader says of one that can be heard
   * @param {(i: number) => boolean} [look.missed] hollow
   */
  function show({ chosen, colour, words, missed }) {
    marks.forEach((g, i) => {
      if (colours[i] !== colour(i)) {
        colours[i] = colour(i);
        g.style.setProperty("--tl-mine", `var(--tl-${colours[i]})`);
      }
      g.classList.toggle("tl-chosen", i === chosen);
      if (missed) g.classList.toggle("tl-missed", missed(i));
    });
    for (const i of sounding) {
      marks[i].setAttribute("tabindex", i === chosen ? "0" : "-1");
      marks[i].setAttribute("aria-label", words(i));
    }
  }

  return { element, picture, player, sounding, lay, show };
}
