// MMD by hand: two clouds to move, and their MMD (mmd.py).

/** @import { View } from "./base.js" */
/** @import { Cloud, Handle, Point } from "./points.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, folded, make, random, redraw, rgb } from "./base.js";
import { button, choice, radio, slider } from "./controls.js";
import { significant } from "./format.js";
import {
  along,
  board,
  centre,
  clamp,
  kernel,
  kernelMatrix,
  LARGEST,
  moved,
  NAMES,
  normal,
  pack,
  place,
  REACH,
  reach,
  shape,
  tensor,
  ticks,
  unpack,
} from "./points.js";
import { sharedState } from "./state.js";

/** @type {Record<string, string>} */
const STARTS = {
  shifted: "one cloud moved",
  same: "two samples of one distribution",
  wider: "same mean, wider",
  ring: "same mean and spread, other shape",
};
const SHUFFLES = 999;

/**
 * A cloud moved, turned and stretched to mean 0, and to the same variance in each direction.
 * @param {Cloud} cloud
 * @param {number} spread standard deviation of each coordinate
 * @returns {Cloud}
 */
export function standardised(cloud, spread) {
  const middle = centre(cloud);
  const rows = cloud.map((p) => p.map((v, k) => v - middle[k]));
  const mean = (/** @type {(p: Point) => number} */ of) => rows.reduce((s, p) => s + of(p), 0) / rows.length;
  const width = Math.sqrt(mean(([x]) => x * x));
  const slope = mean(([x, y]) => x * y) / width ** 2;
  const height = Math.sqrt(mean(([x, y]) => (y - slope * x) ** 2));
  return rows.map(([x, y]) => place([(spread * x) / width, (spread * (y - slope * x)) / height]));
}

/**
 * Points evenly on a circle, with a little noise.
 * @param {number} count
 * @param {number} radius
 * @param {() => number} noise
 * @returns {Cloud}
 */
const circle = (count, radius, noise) =>
  Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [radius * Math.cos(angle) + noise(), radius * Math.sin(angle) + noise()];
  });

/**
 * Two clouds to begin with; the same ones every time.
 * @param {string} start
 * @param {number} count points in each
 * @returns {[Cloud, Cloud]}
 */
export function begin(start, count) {
  const next = random(2022);
  const noise = (/** @type {number} */ size) => () => size * normal(next);
  const hill = () => Array.from({ length: count }, () => [0.8 * normal(next), 0.8 * normal(next)]);
  const [one, other] = [hill(), hill()];
  if (start === "same") return [one.map(place), other.map(place)];
  if (start === "wider") return [standardised(one, 0.4), standardised(other, 1.2)];
  if (start === "ring") {
    // Most source points are one heap, and a few lie far out: with them the heap is as wide as the ring.
    const far = Math.max(3, Math.round(count / 5));
    const heap = [...circle(count - far, 0, noise(0.12)), ...circle(far, 2.2, noise(0.12))];
    return [standardised(heap, 0.8), standardised(circle(count, 1, noise(0.05)), 0.8)];
  }
  return [one.map(place), other.map(([x, y]) => place([x + 1.7, y + 0.6]))];
}

/**
 * The squared MMD as tlmlda_lib.losses.mmd computes it, and what chance makes of the same points.
 * @param {readonly Cloud[]} clouds
 * @param {number} factor of the mean squared distance: the middle bandwidth
 */
export function measure([source, target], factor) {
  const z = [...source, ...target];
  const n = z.length;
  const ns = source.length;
  const nt = target.length;
  const { k, mean, middle } = kernelMatrix(z, factor);
  const rows = k.map((row) => row.reduce((s, v) => s + v, 0));
  const all = rows.reduce((s, v) => s + v, 0);
  const c = 1 / ns + 1 / nt;
  // v'Kv for v = 1/ns on the chosen rows and -1/nt on the others
  const discrepancy = (/** @type {number[]} */ chosen) => {
    let inner = 0;
    let row = 0;
    for (const i of chosen) {
      row += rows[i];
      for (const j of chosen) inner += k[i][j];
    }
    return c * c * inner - (2 * c * row) / nt + all / (nt * nt);
  };
  const order = z.map((_, i) => i);
  const mmd = Math.max(discrepancy(order.slice(0, ns)), 0);
  const next = random(1);
  const shuffled = Array.from({ length: SHUFFLES }, () => {
    for (let i = 0; i < ns; i++) {
      const j = i + Math.floor(next() * (n - i));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return discrepancy(order.slice(0, ns));
  }).sort((a, b) => a - b);
  return {
    mmd,
    middle,
    mean,
    // The mean over all shuffles of the labels, exactly: (K(0) - mean of K over distinct points)(1/ns + 1/nt).
    floor: (LARGEST - (all - LARGEST * n) / (n * n - n)) * c,
    high: shuffled[Math.ceil(0.95 * SHUFFLES) - 1],
    share: (1 + shuffled.filter((v) => v >= mmd - 1e-12).length) / (1 + SHUFFLES),
  };
}

/**
 * Witness function on a grid: mean kernel to the source minus mean kernel to the target.
 * @param {readonly Cloud[]} clouds
 * @param {number} middle bandwidth
 * @param {number} columns
 * @param {number} rows
 * @returns {number[][]} row by row from above
 */
export function witness([source, target], middle, columns, rows) {
  const near = (/** @type {number} */ x, /** @type {number} */ y, /** @type {Cloud} */ cloud) =>
    cloud.reduce((s, p) => s + kernel((p[0] - x) ** 2 + (p[1] - y) ** 2, middle), 0) / cloud.length;
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => {
      const x = REACH[0] * ((2 * (c + 0.5)) / columns - 1);
      const y = REACH[1] * (1 - (2 * (r + 0.5)) / rows);
      return near(x, y, source) - near(x, y, target);
    }),
  );
}

/**
 * Where the witness function is 0: pieces of a line, cell by cell.
 * @param {number[][]} f
 * @returns {string} a path
 */
export function zeroLine(f) {
  const rows = f.length;
  const columns = f[0].length;
  /** @type {string[]} */
  const pieces = [];
  const at = (/** @type {number} */ r, /** @type {number} */ c) => [
    REACH[0] * ((2 * (c + 0.5)) / columns - 1),
    REACH[1] * ((2 * (r + 0.5)) / rows - 1),
  ];
  for (let r = 0; r + 1 < rows; r++)
    for (let c = 0; c + 1 < columns; c++) {
      const corners = [
        [r, c],
        [r, c + 1],
        [r + 1, c + 1],
        [r + 1, c],
      ];
      /** @type {string[]} */
      const cuts = [];
      for (let i = 0; i < 4; i++) {
        const a = corners[i];
        const b = corners[(i + 1) % 4];
        const fa = f[a[0]][a[1]];
        const fb = f[b[0]][b[1]];
        if (fa > 0 !== fb > 0) {
          const t = fa / (fa - fb);
          const cut = at(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]));
          cuts.push(cut.map((v) => v.toFixed(3)).join(" "));
        }
      }
      for (let i = 0; i + 1 < cuts.length; i += 2) pieces.push(`M${cuts[i]}L${cuts[i + 1]}`);
    }
  return pieces.join("");
}

/**
 * @param {readonly Cloud[]} clouds
 * @param {number} exponent
 * @param {number} middle
 */
const python = (clouds, exponent, middle) => `import torch
from tlmlda_lib.losses import mmd

${clouds.map((c, k) => `${["zs", "zt"][k]} = ${tensor(c)}`).join("\n")}
print(mmd(zs, zt${exponent ? `, bandwidth=${middle}` : ""}))`;

/**
 * @typedef {object} State
 * @property {Cloud} source
 * @property {Cloud} target
 * @property {number} exponent of 2: the factor of the bandwidth
 * @property {string} start
 * @property {number} count
 * @property {string} move
 */

/**
 * What an address tells, or null.
 * @param {string} said
 * @returns {Partial<State> | null}
 */
export function readSetting(said) {
  const [exponent, points] = said.split("_");
  const clouds = unpack(points ?? "");
  if (!clouds) return null;
  const [source, target] = clouds;
  return { source, target, exponent: clamp(Number(exponent) || 0, 4), count: source.length };
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-points", "tl-mmd");
  /** @type {Shared<State>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["source", "target", "exponent", "start", "count", "move"],
    read: readSetting,
    show: fromPython,
  });
  const clouds = () => [state.source, state.target];
  const put = (/** @type {number} */ k, /** @type {Cloud} */ cloud) => {
    if (k) state.target = cloud;
    else state.source = cloud;
  };

  const canvas = make("canvas", { "aria-hidden": "true" });
  const zero = make("svg:path", { class: "tl-zero" });
  const { element: stage, set, show } = board({ label: "Two clouds of points", behind: [canvas], under: [zero] });
  const bar = make("div", { class: "tl-bar" });
  const low = make("div", { class: "tl-mark tl-floor" });
  const high = make("div", { class: "tl-mark tl-high" });
  const track = make("div", { class: "tl-track" }, bar, low, high);
  const gauge = make("div", { class: "tl-gauge", "aria-hidden": "true" }, track, ticks());
  const output = (/** @type {string} */ name) => make("output", { "data-value": name });
  const outputs = { mmd: output("mmd"), floor: output("floor"), high: output("high"), share: output("share") };
  const said = {
    mmd: "MMD²",
    floor: "floor: mean over all shuffles of the labels source and target",
    high: `only 5\u00a0% of ${SHUFFLES} random shuffles reach more`,
    share: "share of random shuffles that reach the MMD²",
  };
  const numbers = make("dl", { class: "tl-numbers" });
  for (const name of /** @type {(keyof typeof outputs)[]} */ (Object.keys(outputs))) {
    numbers.append(make("dt", { class: `tl-of-${name}` }, said[name]), make("dd", {}, outputs[name]));
  }
  const { element: summary, say } = announcer();
  const { element: fold, code } = folded("These points in Python");

  const starts = choice({
    label: "Start from",
    options: STARTS,
    value: state.start,
    change: (v) => {
      state.start = v;
      again();
    },
  });
  const counts = slider({
    label: "Points in each cloud",
    min: 3,
    max: 40,
    step: 1,
    value: state.count,
    words: String,
    change: (v) => {
      state.count = v;
      again();
    },
  });
  const width = slider({
    label: "Bandwidth",
    min: -4,
    max: 4,
    step: 0.25,
    value: state.exponent,
    words: (v) => `${significant(2 ** v)} × mean squared distance`,
    change: (v) => {
      state.exponent = v;
      update();
    },
  });
  const modes = radio({
    label: "Move",
    options: { clouds: "whole clouds", points: "single points" },
    value: state.move,
    change: (v) => {
      state.move = v;
      build();
      update();
    },
  });

  const legend = make(
    "p",
    { class: "tl-legend" },
    make("span", { class: "tl-key tl-source" }, "● source"),
    make("span", { class: "tl-key tl-target" }, "◆ target"),
    make("span", {}, "large: the mean of each cloud"),
    make("span", {}, "shade: more source or more target points here (witness function, see below); line: equally many"),
  );
  const controls = [starts.element, counts.element, width.element, modes.element, button("Start again", again)];
  el.append(
    make("div", { class: "tl-controls" }, ...controls),
    make(
      "div",
      { class: "tl-body" },
      make("div", {}, stage, legend),
      make("div", {}, gauge, numbers, summary, ...shared.foot),
    ),
    fold,
  );

  // One handle for each point, and one for each cloud's mean; which the keyboard reaches depends on the mode.
  function build() {
    set(
      clouds().flatMap((cloud, k) => [
        ...cloud.map((_, i) => handle(k, i, [reach(0.24), shape(k, 0.13)])),
        ...(state.move === "clouds" ? [handle(k, null, [reach(0.34), shape(k, 0.3)])] : []),
      ]),
    );
  }

  /**
   * @param {number} k
   * @param {number | null} i the point; null for the whole cloud
   * @param {SVGElement[]} shapes
   * @returns {Handle}
   */
  function handle(k, i, shapes) {
    return {
      name: i === null ? `${NAMES[k]} cloud` : `${NAMES[k]} point ${i + 1}`,
      kind: `tl-${NAMES[k]} ${i === null ? "tl-mean" : "tl-point"}`,
      shapes,
      spoken: state.move === "points" || i === null,
      at: () => (i === null ? centre(clouds()[k]) : clouds()[k][i]),
      hold: () => {
        const before = clouds()[k];
        const together = state.move === "points" && i !== null ? [i] : before.map((_, j) => j);
        return (dx, dy) => {
          put(k, moved(before, together, dx, dy));
          update();
        };
      },
    };
  }

  /** @type {ReturnType<typeof measure> | undefined} */
  let now;
  function update() {
    now = measure(clouds(), 2 ** state.exponent);
    show();
    for (const name of /** @type {const} */ (["mmd", "floor", "high"])) {
      outputs[name].value = now[name].toFixed(6);
      outputs[name].dataset.exact = String(now[name]);
    }
    outputs.share.value = now.share.toFixed(3);
    bar.style.width = `${along(now.mmd)}%`;
    low.style.left = `${along(now.floor)}%`;
    high.style.left = `${along(now.high)}%`;
    const [a, b] = clouds().map(centre);
    const verdict = now.mmd > now.high ? "more than chance explains" : "no more than chance explains";
    const sizes = `${state.source.length} and ${state.target.length} points`;
    say(
      `MMD² is ${now.mmd.toFixed(2)}, the floor for ${sizes} ${now.floor.toFixed(2)}: ${verdict}. ` +
        `The means lie ${Math.hypot(a[0] - b[0], a[1] - b[1]).toFixed(2)} apart.`,
    );
    code.textContent = python(clouds(), state.exponent, now.middle);
    paint();
    const { mmd, floor, share } = now;
    shared.write(`${state.exponent}_${pack(clouds())}`, { mmd, floor, share });
  }

  function paint() {
    if (!now || !stage.clientWidth) return;
    const columns = 64;
    const rows = 48;
    const f = witness(clouds(), now.middle, columns, rows);
    const top = Math.max(...f.flat().map(Math.abs)) || 1;
    const colours = NAMES.map((name) => rgb(el, `--tl-${name}`));
    const small = make("canvas", { width: columns, height: rows });
    const brush = /** @type {CanvasRenderingContext2D} */ (small.getContext("2d"));
    const pixels = brush.createImageData(columns, rows);
    f.flat().forEach((v, i) => {
      const strength = 165 * Math.min(1, Math.abs(v) / Math.max(top, 0.25));
      pixels.data.set([...colours[v > 0 ? 0 : 1], strength], 4 * i);
    });
    brush.putImageData(pixels, 0, 0);
    const ratio = Math.min(devicePixelRatio || 1, 2);
    canvas.width = stage.clientWidth * ratio;
    canvas.height = stage.clientHeight * ratio;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
    zero.setAttribute("d", zeroLine(f));
  }

  function again() {
    [state.source, state.target] = begin(state.start, state.count);
    build();
    update();
  }

  // Another start, or another number of points, begins anew, as it does on the page.
  function fromPython(/** @type {Set<string>} */ changed) {
    width.set(state.exponent);
    starts.set(state.start);
    counts.set(state.count);
    modes.set(state.move);
    if (changed.has("start") || changed.has("count") || !clouds().every((c) => c.length)) again();
    else {
      build();
      update();
    }
  }

  if (clouds().every((c) => c.length)) {
    build();
    update();
  } else again();
  const stop = redraw(stage, paint);
  return () => {
    stop();
    shared.end();
  };
}

export default explorable("mmd", render);
