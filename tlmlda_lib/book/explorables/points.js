// Clouds of points and a picture in which they are moved; for every explorable that has them.

import { make } from "./base.js";
import { dragging } from "./controls.js";

/** @typedef {readonly number[]} Point x and y */
/** @typedef {Point[]} Cloud */

/** Half width and half height of the picture. */
export const REACH = [4, 3];
export const NAMES = ["source", "target"];
/** How the domains look in words. */
export const SIGNS = ["○", "◆"];
/** Bandwidths of the kernels, as multiples of the middle one. */
export const KERNELS = [0.25, 0.5, 1, 2, 4];

/** The largest value of the sum of kernels: of a point with itself. */
export const LARGEST = KERNELS.length;

/**
 * @param {number} v
 * @param {number} limit
 */
export const clamp = (v, limit) => Math.max(-limit, Math.min(limit, v));
const hundredths = (/** @type {number} */ v) => Math.round(v * 100) / 100 + 0; // + 0: not -0

/**
 * A point inside the picture, in hundredths.
 * @param {Point} p
 * @returns {Point}
 */
export const place = (p) => p.map((v, k) => hundredths(clamp(v, REACH[k])));

/**
 * The mean of a cloud.
 * @param {Cloud} cloud
 */
export const centre = (cloud) => [0, 1].map((j) => cloud.reduce((s, p) => s + p[j], 0) / cloud.length);

/**
 * A number of the normal distribution.
 * @param {() => number} next a source of numbers in [0, 1)
 */
export const normal = (next) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/**
 * The sum of five kernels, as tlmlda_lib.losses has it.
 * @param {number} distance squared
 * @param {number} middle bandwidth
 */
export function kernel(distance, middle) {
  let e = Math.exp(-distance / (4 * middle));
  let sum = 0;
  for (let m = 0; m < KERNELS.length; m++) {
    sum += e;
    e *= e;
  }
  return sum;
}

/**
 * Kernel matrix of points, the mean squared distance of distinct ones, and the middle bandwidth that was used.
 * @param {Cloud} z
 * @param {number} factor of the mean squared distance
 */
export function kernelMatrix(z, factor = 1) {
  const n = z.length;
  const d = z.map((a) => z.map((b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2));
  const mean = d.flat().reduce((s, v) => s + v, 0) / (n * n - n);
  const middle = Math.max(factor * mean, 1e-12);
  return { k: d.map((row) => row.map((v) => kernel(v, middle))), mean, middle };
}

/**
 * Points of a cloud moved by one step and kept inside: those that move together keep their shape, and stop where the
 * first of them meets the edge.
 * @param {Cloud} cloud
 * @param {number[]} together numbers of the points that move
 * @param {number} dx
 * @param {number} dy
 * @returns {Cloud}
 */
export function moved(cloud, together, dx, dy) {
  const step = [dx, dy].map((v, j) => {
    const along = together.map((i) => cloud[i][j]);
    const [least, most] = [Math.max(...along.map((p) => -REACH[j] - p)), Math.min(...along.map((p) => REACH[j] - p))];
    return hundredths(Math.max(least, Math.min(most, v)));
  });
  return cloud.map((p, i) => (together.includes(i) ? place([p[0] + step[0], p[1] + step[1]]) : p));
}

/**
 * Points as text of the address: two characters for each coordinate.
 * @param {Cloud[]} clouds
 */
export const pack = (clouds) =>
  clouds
    .map((cloud) =>
      cloud
        .flat()
        .map((v) => toText(v))
        .join(""),
    )
    .join("-");
const toText = (/** @type {number} */ v) => (Math.round(v * 100) + 648).toString(36).padStart(2, "0");

/**
 * Two clouds from such a text, or null.
 * @param {string} text
 * @returns {[Cloud, Cloud] | null}
 */
export function unpack(text) {
  const [source, target, ...more] = text
    .split("-")
    .map((part) => (part.match(/../g) ?? []).map((s) => (Number.parseInt(s, 36) - 648) / 100));
  const whole = (/** @type {number[] | undefined} */ c) =>
    c !== undefined &&
    c.length >= 4 &&
    c.length % 2 === 0 &&
    c.length <= 120 &&
    c.every((v, i) => Math.abs(v) <= REACH[i % 2]);
  if (more.length || !whole(source) || !whole(target)) return null;
  const pairs = (/** @type {number[]} */ c) => c.flatMap((v, i) => (i % 2 ? [] : [[v, c[i + 1]]]));
  return [pairs(source), pairs(target)];
}

/**
 * A cloud as Python.
 * @param {Cloud} cloud
 */
export const tensor = (cloud) =>
  `torch.tensor([${cloud.map((p) => `[${p.join(", ")}]`).join(", ")}], dtype=torch.float64)`;

/**
 * A circle for the source, a diamond for the target.
 * @param {number} k 0 for the source
 * @param {number} size
 */
export const shape = (k, size) =>
  k ? make("svg:path", { d: `M0 ${-size}L${size} 0L0 ${size}L${-size} 0Z` }) : make("svg:circle", { r: 0.82 * size });

/**
 * What a finger can hit.
 * @param {number} r at least
 */
export const reach = (r) => make("svg:circle", { r, class: "tl-reach", "data-least": r });

/**
 * A length on the gauges in percent: roots, so that small values can be seen; 8 is the end.
 * @param {number} v
 */
export const along = (v) => 100 * Math.sqrt(Math.min(v, 8) / 8);
export const ticks = () =>
  make(
    "div",
    { class: "tl-ticks" },
    ...[0, 0.5, 1, 2, 4, 8].map((v) => make("span", { style: `left:${along(v)}%` }, String(v))),
  );

/**
 * What can be moved.
 * @typedef {object} Handle
 * @property {string} name
 * @property {string} kind its class
 * @property {SVGElement[]} shapes the last of them is the one that is seen
 * @property {boolean} spoken whether the keyboard reaches it
 * @property {() => Point} at where it is
 * @property {() => (dx: number, dy: number) => void} hold returns what moves it from where it was when held
 */

/**
 * A picture with handles that mouse, finger and arrow keys move.
 * @param {object} how
 * @param {string} how.label
 * @param {Element[]} [how.behind] elements behind the picture
 * @param {SVGElement[]} [how.under] parts of the picture under the handles
 * @param {Point} [how.view] how far it shows from the middle, to the sides and up and down
 */
export function board({ label, behind = [], under = [], view = REACH }) {
  /** @type {WeakMap<Element, Handle>} */
  const handles = new WeakMap();
  const marks = make("svg:g");
  const picture = make(
    "svg:svg",
    {
      viewBox: `${-view[0]} ${-view[1]} ${2 * view[0]} ${2 * view[1]}`,
      role: "group",
      "aria-label": label,
    },
    ...under,
    marks,
  );
  const element = make("div", { class: "tl-stage" }, ...behind, picture);

  /** @param {Handle} handle */
  function mark(handle) {
    const common = {
      class: handle.kind,
      pointerdown: drag,
      touchstart: (/** @type {TouchEvent} */ event) => event.preventDefault(),
    };
    const spoken = handle.spoken
      ? {
          tabindex: "0",
          role: "slider",
          "aria-label": handle.name,
          "aria-roledescription": "movable in two directions",
          "aria-valuemin": -REACH[0],
          "aria-valuemax": REACH[0],
          keydown: (/** @type {KeyboardEvent} */ event) => keys(event, handle),
        }
      : { "aria-hidden": "true" };
    const g = make("svg:g", { ...common, ...spoken }, ...handle.shapes);
    handles.set(g, handle);
    return g;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Handle} handle
   */
  function keys(event, handle) {
    const step = event.shiftKey ? 0.5 : 0.1;
    /** @type {Record<string, [number, number]>} */
    const steps = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    handle.hold()(...steps[event.key]);
  }

  // What a finger can hit is larger than what is seen, so marks overlap: the nearest one is meant.
  function nearest(/** @type {PointerEvent} */ event) {
    const far = (/** @type {Element} */ g) => {
      const box = /** @type {Element} */ (g.lastElementChild).getBoundingClientRect();
      return Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY);
    };
    return /** @type {SVGGElement} */ ([...marks.children].reduce((a, b) => (far(b) < far(a) ? b : a)));
  }

  function drag(/** @type {PointerEvent} */ event) {
    if (event.button) return;
    event.preventDefault();
    const target = nearest(event);
    const move = /** @type {Handle} */ (handles.get(target)).hold();
    if (target.hasAttribute("tabindex")) target.focus({ preventScroll: true });
    const scale = (2 * view[0]) / picture.getBoundingClientRect().width;
    dragging(target, event, (e) => move((e.clientX - event.clientX) * scale, (event.clientY - e.clientY) * scale));
  }

  function show() {
    for (const g of marks.children) {
      const handle = /** @type {Handle} */ (handles.get(g));
      const [x, y] = handle.at();
      g.setAttribute("transform", `translate(${x} ${-y})`);
      if (!handle.spoken) continue;
      g.setAttribute("aria-valuenow", x.toFixed(2));
      g.setAttribute("aria-valuetext", `x ${x.toFixed(2)}, y ${y.toFixed(2)}`);
    }
  }

  // However small the picture, a finger can hit 25 pixels.
  function widen() {
    const pixel = (2 * view[0]) / (picture.getBoundingClientRect().width || 640);
    for (const circle of marks.querySelectorAll(".tl-reach")) {
      const least = Number(/** @type {SVGElement} */ (circle).dataset.least);
      circle.setAttribute("r", String(Math.max(least, 12.5 * pixel)));
    }
  }
  new ResizeObserver(widen).observe(element);

  /** @param {Handle[]} given */
  function set(given) {
    marks.replaceChildren(...given.map(mark));
    widen();
  }

  return { element, show, set };
}
