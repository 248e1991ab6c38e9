// MMD by hand (mmd_by_hand.py). base.js and points.js stand before this text.

const STARTS = {
  shifted: "one cloud moved",
  same: "two samples of one distribution",
  wider: "same mean, wider",
  ring: "same mean and spread, other shape",
};
const WAYS = 999;

// Two clouds to begin with; the same ones every time.
function begin(start, count) {
  const next = random(2022);
  const spread = 0.8;
  const cloud = (turn) => Array.from({ length: count }, (_, i) => place(turn(spread * normal(next), spread * normal(next), i)));
  const targets = {
    same: (x, y) => [x, y],
    shifted: (x, y) => [x + 1.7, y + 0.6],
    wider: (x, y) => [2 * x, 2 * y],
    // Radius by which each coordinate has the same variance as a normal one.
    ring: (x, y, i) => [0, 1].map((k) => Math.SQRT2 * spread * Math.cos((2 * Math.PI * i) / count - (k * Math.PI) / 2) + 0.06 * (k ? y : x)),
  };
  return [cloud((x, y) => [x, y]), cloud(targets[start] ?? targets.shifted)];
}

// Equation 3, squared, as tlmlda_lib.losses.mmd computes it, and what chance makes of the same points.
function measure([source, target], factor) {
  const z = [...source, ...target], n = z.length, ns = source.length, nt = target.length;
  const { k, mean, middle } = kernelMatrix(z, factor);
  const rows = k.map((row) => row.reduce((s, v) => s + v, 0));
  const all = rows.reduce((s, v) => s + v, 0);
  const c = 1 / ns + 1 / nt;
  // v'Kv for v = 1/ns on the chosen rows and -1/nt on the others
  const discrepancy = (chosen) => {
    let inner = 0, row = 0;
    for (const i of chosen) {
      row += rows[i];
      for (const j of chosen) inner += k[i][j];
    }
    return c * c * inner - (2 * c * row) / nt + all / (nt * nt);
  };
  const order = z.map((_, i) => i);
  const mmd = Math.max(discrepancy(order.slice(0, ns)), 0);
  const next = random(1);
  const dealt = Array.from({ length: WAYS }, () => {
    for (let i = 0; i < ns; i++) {
      const j = i + Math.floor(next() * (n - i));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return discrepancy(order.slice(0, ns));
  }).sort((a, b) => a - b);
  return {
    mmd, middle, mean,
    // The mean over all ways to deal, exactly: (K(0) - mean of K over distinct points)(1/ns + 1/nt).
    floor: (KERNELS.length - (all - KERNELS.length * n) / (n * n - n)) * c,
    high: dealt[Math.ceil(0.95 * WAYS) - 1],
    share: (1 + dealt.filter((v) => v >= mmd - 1e-12).length) / (1 + WAYS),
  };
}

// Witness function on a grid: mean kernel to the source minus mean kernel to the target.
function witness([source, target], middle, columns, rows) {
  const near = (x, y, cloud) => cloud.reduce((s, p) => s + kernel((p[0] - x) ** 2 + (p[1] - y) ** 2, middle), 0) / cloud.length;
  return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => {
    const x = REACH[0] * ((2 * (c + 0.5)) / columns - 1), y = REACH[1] * (1 - (2 * (r + 0.5)) / rows);
    return near(x, y, source) - near(x, y, target);
  }));
}

// Where the witness function is 0: pieces of a line, cell by cell.
function zeroLine(f) {
  const rows = f.length, columns = f[0].length, pieces = [];
  const at = (r, c) => [REACH[0] * ((2 * (c + 0.5)) / columns - 1), REACH[1] * ((2 * (r + 0.5)) / rows - 1)];
  for (let r = 0; r + 1 < rows; r++) for (let c = 0; c + 1 < columns; c++) {
    const corners = [[r, c], [r, c + 1], [r + 1, c + 1], [r + 1, c]], cuts = [];
    for (let i = 0; i < 4; i++) {
      const a = corners[i], b = corners[(i + 1) % 4], fa = f[a[0]][a[1]], fb = f[b[0]][b[1]];
      if (fa > 0 !== fb > 0) {
        const t = fa / (fa - fb);
        cuts.push(at(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])).map((v) => v.toFixed(3)).join(" "));
      }
    }
    for (let i = 0; i + 1 < cuts.length; i += 2) pieces.push(`M${cuts[i]}L${cuts[i + 1]}`);
  }
  return pieces.join("");
}

const python = (clouds, exponent, middle) => `import torch
from tlmlda_lib.losses import mmd

${clouds.map((c, k) => `${["zs", "zt"][k]} = ${tensor(c)}`).join("\n")}
print(mmd(zs, zt${exponent ? `, bandwidth=${middle}` : ""}))`;

function render({ model, el }) {
  el.classList.add("tl", "tl-points", "tl-mmd");
  const address = addressOf(model.get("address"));
  let clouds, exponent = model.get("exponent"), start = model.get("start"), count = model.get("count");
  let mode = model.get("move"), own = false, touched = false;

  const canvas = make("canvas", { "aria-hidden": "true" });
  const zero = make("svg:path", { class: "tl-zero" });
  const { element: stage, set, show } = board({ label: "Two clouds of points", behind: [canvas], under: [zero] });
  const bar = make("div", { class: "tl-bar" }), low = make("div", { class: "tl-mark tl-floor" }), high = make("div", { class: "tl-mark tl-high" });
  const gauge = make("div", { class: "tl-gauge", "aria-hidden": "true" }, make("div", { class: "tl-track" }, bar, low, high), ticks());
  const outputs = Object.fromEntries(["mmd", "floor", "high", "share"].map((name) => [name, make("output", { "data-value": name })]));
  const numbers = make("dl", { class: "tl-numbers" }, ...[
    ["mmd", "MMD² (equation 3)"],
    ["floor", "floor: the same points dealt at random, mean of all ways"],
    ["high", `passed by 5 % of ${WAYS} random ways`],
    ["share", "share of random ways that reach this MMD²"],
  ].flatMap(([name, words]) => [make("dt", { class: `tl-of-${name}` }, words), make("dd", {}, outputs[name])]));
  const { element: summary, say } = announcer();
  const code = make("pre", { tabindex: "0", "aria-label": "Python code" });

  const starts = choice({ label: "Start from", options: STARTS, value: start, change: (v) => { start = v; again(); } });
  const counts = slider({ label: "Points in each cloud", min: 3, max: 40, step: 1, value: count, words: String, change: (v) => { count = v; again(); } });
  const width = slider({
    label: "Bandwidth", min: -4, max: 4, step: 0.25, value: exponent, change: (v) => { exponent = v; update(); },
    words: (v) => `${Number((2 ** v).toPrecision(3))} × mean squared distance`,
  });
  const modes = radio({ label: "Move", options: { clouds: "whole clouds", points: "single points" }, value: mode, change: (v) => { mode = v; build(); update(); } });

  const legend = make("p", { class: "tl-legend" },
    make("span", { class: "tl-key tl-source" }, "● source"), make("span", { class: "tl-key tl-target" }, "◆ target"),
    make("span", {}, "shade: witness function, where one cloud is denser; line: where it is 0"));
  const buttons = make("button", { type: "button", click: again }, "Start again");
  el.append(
    make("div", { class: "tl-controls" }, starts.element, counts.element, width.element, modes.element, buttons),
    make("div", { class: "tl-body" }, make("div", {}, stage, legend), make("div", {}, gauge, numbers, summary, ...(address.link ? [make("p", {}, address.link)] : []))),
    make("details", {}, make("summary", {}, "These points in Python"), code),
  );

  // One handle for each point, and one for each cloud's mean; which of them the keyboard reaches depends on the mode.
  function build() {
    set(clouds.flatMap((cloud, k) => [
      ...cloud.map((_, i) => handle(k, i, [reach(0.24), shape(k, 0.13)])),
      ...(mode === "clouds" ? [handle(k, null, [reach(0.34), shape(k, 0.3)])] : []),
    ]));
  }

  function handle(k, i, shapes) {
    return {
      name: i === null ? `${NAMES[k]} cloud` : `${NAMES[k]} point ${i + 1}`,
      kind: `tl-${NAMES[k]} ${i === null ? "tl-mean" : "tl-point"}`,
      shapes,
      spoken: mode === "points" || i === null,
      at: () => (i === null ? centre(clouds[k]) : clouds[k][i]),
      hold: () => {
        const before = clouds[k], together = mode === "points" ? [i] : before.map((_, j) => j);
        return (dx, dy) => { clouds[k] = moved(before, together, dx, dy); update(); };
      },
    };
  }

  let now;
  function update() {
    now = measure(clouds, 2 ** exponent);
    show();
    for (const name of ["mmd", "floor", "high"]) outputs[name].value = now[name].toFixed(6);
    outputs.mmd.dataset.exact = now.mmd;
    outputs.floor.dataset.exact = now.floor;
    outputs.share.value = now.share.toFixed(3);
    bar.style.width = `${along(now.mmd)}%`;
    low.style.left = `${along(now.floor)}%`;
    high.style.left = `${along(now.high)}%`;
    const [a, b] = clouds.map(centre);
    const verdict = now.mmd > now.high ? "more than chance explains" : "within what chance makes of one distribution";
    say(`MMD² is ${now.mmd.toFixed(2)}, the floor for ${clouds[0].length} and ${clouds[1].length} points ${now.floor.toFixed(2)}: ${verdict}. The means lie ${Math.hypot(a[0] - b[0], a[1] - b[1]).toFixed(2)} apart.`);
    code.textContent = python(clouds, exponent, now.middle);
    paint();
    address.write(`${exponent}_${pack(clouds)}`, touched);
    touched = true;
    own = true;
    for (const [name, value] of Object.entries({ source: clouds[0], target: clouds[1], exponent, start, count, move: mode, mmd: now.mmd, floor: now.floor, share: now.share })) {
      model.set(name, structuredClone(value));
    }
    model.save_changes();
    own = false;
  }

  function paint() {
    if (!now || !stage.clientWidth) return;
    const columns = 64, rows = 48, f = witness(clouds, now.middle, columns, rows);
    const top = Math.max(...f.flat().map(Math.abs)) || 1, colours = NAMES.map((name) => rgb(el, `--tl-${name}`));
    const small = make("canvas", { width: columns, height: rows }), pixels = small.getContext("2d").createImageData(columns, rows);
    f.flat().forEach((v, i) => pixels.data.set([...colours[v > 0 ? 0 : 1], 165 * Math.min(1, Math.abs(v) / Math.max(top, 0.25))], 4 * i));
    small.getContext("2d").putImageData(pixels, 0, 0);
    const ratio = Math.min(devicePixelRatio || 1, 2);
    canvas.width = stage.clientWidth * ratio;
    canvas.height = stage.clientHeight * ratio;
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0, 0, canvas.width, canvas.height);
    zero.setAttribute("d", zeroLine(f));
  }

  function again() {
    clouds = begin(start, count);
    build();
    update();
  }

  // Another start, or another number of points, begins anew, as it does on the page.
  function fromModel() {
    if (own) return;
    const anew = start !== model.get("start") || count !== model.get("count");
    [exponent, start, count, mode] = ["exponent", "start", "count", "move"].map((name) => model.get(name));
    width.set(exponent);
    starts.set(start);
    counts.set(count);
    modes.set(mode);
    clouds = [model.get("source"), model.get("target")].map((c) => structuredClone(c));
    if (anew || !clouds.every((c) => c.length)) return again();
    build();
    update();
  }

  const [given, points] = (address.read() ?? "").split("_"), linked = unpack(points ?? "");
  if (linked) {
    clouds = linked;
    exponent = clamp(Number(given) || 0, 4);
    width.set(exponent);
    count = clouds[0].length;
    counts.set(count);
  } else {
    clouds = [model.get("source"), model.get("target")].map((c) => structuredClone(c));
    if (!clouds.every((c) => c.length)) clouds = begin(start, count);
  }
  build();
  update();
  const events = ["source", "target", "exponent", "start", "count", "move"].map((name) => `change:${name}`);
  for (const event of events) model.on(event, fromModel);
  const stop = redraw(stage, paint);
  return () => { stop(); for (const event of events) model.off(event, fromModel); };
}

export default explorable(render);
