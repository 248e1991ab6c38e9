// Clouds of points and a picture in which they are moved; for every explorable that has them. base.js stands before.

const REACH = [4, 3]; // half width and half height of the picture
const KERNELS = [0.25, 0.5, 1, 2, 4];
const NAMES = ["source", "target"];

const clamp = (v, limit) => Math.max(-limit, Math.min(limit, v));
const hundredths = (v) => Math.round(v * 100) / 100;
const place = (p) => p.map((v, k) => hundredths(clamp(v, REACH[k])));
const centre = (cloud) => [0, 1].map((j) => cloud.reduce((s, p) => s + p[j], 0) / cloud.length);
const normal = (next) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

// The sum of five kernels, as tlmlda_lib.losses has it.
function kernel(distance, middle) {
  let e = Math.exp(-distance / (4 * middle)), sum = 0;
  for (let m = 0; m < KERNELS.length; m++) { sum += e; e *= e; }
  return sum;
}

// Kernel matrix of points, the mean squared distance of distinct ones, and the middle bandwidth that was used.
function kernelMatrix(z, factor = 1) {
  const n = z.length;
  const d = z.map((a) => z.map((b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2));
  const mean = d.flat().reduce((s, v) => s + v, 0) / (n * n - n);
  const middle = Math.max(factor * mean, 1e-12);
  return { k: d.map((row) => row.map((v) => kernel(v, middle))), mean, middle };
}

// Points of a cloud moved by one step and kept inside: those that move together keep their shape, and stop where the
// first of them meets the edge.
function moved(cloud, together, dx, dy) {
  const step = [dx, dy].map((v, j) => {
    const axis = together.map((i) => cloud[i][j]);
    return hundredths(Math.max(...axis.map((p) => -REACH[j] - p), Math.min(...axis.map((p) => REACH[j] - p), v)));
  });
  return cloud.map((p, i) => (together.includes(i) ? place([p[0] + step[0], p[1] + step[1]]) : p));
}

// Points as text of the address: two characters for each coordinate.
const pack = (clouds) => clouds.map((cloud) => cloud.flat().map((v) => (Math.round(v * 100) + 648).toString(36).padStart(2, "0")).join("")).join("-");
function unpack(text) {
  const clouds = text.split("-").map((part) => (part.match(/../g) ?? []).map((s) => (parseInt(s, 36) - 648) / 100));
  const whole = clouds.length === 2 && clouds.every((c) => c.length >= 4 && c.length % 2 === 0 && c.length <= 120 && c.every((v, i) => Math.abs(v) <= REACH[i % 2]));
  return whole ? clouds.map((c) => c.flatMap((v, i) => (i % 2 ? [] : [[v, c[i + 1]]]))) : null;
}

const tensor = (cloud) => `torch.tensor([${cloud.map((p) => `[${p.join(", ")}]`).join(", ")}], dtype=torch.float64)`;

// A circle for the source, a diamond for the target.
const shape = (k, size) => k ? make("svg:path", { d: `M0 ${-size}L${size} 0L0 ${size}L${-size} 0Z` }) : make("svg:circle", { r: 0.82 * size });
const reach = (r) => make("svg:circle", { r, class: "tl-reach", "data-least": r });

// A length on the gauges: roots, so that small values can be seen; 8 is the end.
const along = (v) => 100 * Math.sqrt(Math.min(v, 8) / 8);
const ticks = () => make("div", { class: "tl-ticks" }, ...[0, 0.5, 1, 2, 4, 8].map((v) => make("span", { style: `left:${along(v)}%` }, String(v))));

// A picture with handles that mouse, finger and arrow keys move. A handle is {name, kind, shapes, spoken, at, hold}: `spoken` ones
// are reached by the keyboard, the last of the shapes is the one that is seen, `at` says where it is, and `hold` returns a function
// that moves it by (dx, dy) from where it was when held.
function board({ label, behind = [], under = [] }) {
  const marks = make("svg:g");
  const picture = make("svg:svg", { viewBox: `${-REACH[0]} ${-REACH[1]} ${2 * REACH[0]} ${2 * REACH[1]}`, role: "group", "aria-label": label }, ...under, marks);
  const element = make("div", { class: "tl-stage" }, ...behind, picture);

  function mark(handle) {
    const common = { class: handle.kind, pointerdown: drag, touchstart: (event) => event.preventDefault() };
    const spoken = handle.spoken ? {
      tabindex: "0", role: "slider", "aria-label": handle.name, "aria-roledescription": "movable in two directions",
      "aria-valuemin": -REACH[0], "aria-valuemax": REACH[0], keydown: (event) => keys(event, handle),
    } : { "aria-hidden": "true" };
    const g = make("svg:g", { ...common, ...spoken }, ...handle.shapes);
    g.tl = handle;
    return g;
  }

  function keys(event, handle) {
    const step = event.shiftKey ? 0.5 : 0.1;
    const [dx, dy] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    handle.hold()(dx, dy);
  }

  // What a finger can hit is larger than what is seen, so marks overlap: the nearest one is meant.
  function nearest(event) {
    const far = (g) => { const box = g.lastChild.getBoundingClientRect(); return Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY); };
    return [...marks.children].reduce((a, b) => (far(b) < far(a) ? b : a));
  }

  function drag(event) {
    if (event.button) return;
    event.preventDefault();
    const target = nearest(event), move = target.tl.hold();
    if (target.hasAttribute("tabindex")) target.focus({ preventScroll: true });
    target.setPointerCapture(event.pointerId);
    const scale = (2 * REACH[0]) / picture.getBoundingClientRect().width;
    const follow = (e) => move((e.clientX - event.clientX) * scale, (event.clientY - e.clientY) * scale);
    const end = () => {
      target.removeEventListener("pointermove", follow);
      for (const name of ["pointerup", "pointercancel"]) target.removeEventListener(name, end);
    };
    target.addEventListener("pointermove", follow);
    for (const name of ["pointerup", "pointercancel"]) target.addEventListener(name, end);
  }

  function show() {
    for (const g of marks.children) {
      const [x, y] = g.tl.at();
      g.setAttribute("transform", `translate(${x} ${-y})`);
      if (!g.tl.spoken) continue;
      g.setAttribute("aria-valuenow", x.toFixed(2));
      g.setAttribute("aria-valuetext", `x ${x.toFixed(2)}, y ${y.toFixed(2)}`);
    }
  }

  // However small the picture, a finger can hit 25 pixels.
  function widen() {
    const pixel = (2 * REACH[0]) / (picture.getBoundingClientRect().width || 640);
    for (const circle of marks.querySelectorAll(".tl-reach")) circle.setAttribute("r", Math.max(circle.dataset.least, 12.5 * pixel));
  }
  new ResizeObserver(widen).observe(element);

  function set(handles) {
    marks.replaceChildren(...handles.map(mark));
    widen();
  }

  return { element, show, set };
}
