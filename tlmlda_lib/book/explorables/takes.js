// Pictures of one take: its contours, and how far its numbers lie. base.py puts this text between base.js and name.js.

const EDGE = 5; // z-scores end here, for the machine too

const minus = (text) => text.replace("-", "−");
const floats = (text) => {
  const view = new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
};

// Root mean square of z-scores: about 1 for a recording like those that the statistics come from.
const distance = (z) => Math.sqrt(z.reduce((s, v) => s + v * v, 0) / z.length);

// z-scores of each family of features.
function familiesOf(view, side) {
  const z = floats(side.z);
  let at = 0;
  return view.families.map((f) => ({ ...f, z: z.subarray(at, (at += f.n)) }));
}

// Pitch and loudness of a take, and where a moment of it lies: a function from seconds to x.
function drawContour(svg, view, width, cursor) {
  const left = 46,
    right = width - 8,
    top = 8,
    height = 96,
    base = top + height;
  const voiced = view.pitch.filter((f) => f > 0),
    low = Math.min(75, ...voiced),
    high = Math.max(400, ...voiced),
    loud = Math.max(...view.loudness, 1e-6);
  const x = (t) => left + (t / view.seconds) * (right - left);
  const y = (f) => base - 6 - (height - 12) * (Math.log(f / low) / Math.log(high / low));
  const text = (words, tx, ty, anchor = "middle") => make("svg:text", { x: tx, y: ty, "text-anchor": anchor }, words);
  let line = "",
    pen = "M";
  view.pitch.forEach((f, i) => {
    if (!f) {
      pen = "M";
      return;
    }
    line += `${pen}${x(i * view.step + 0.03).toFixed(1)} ${y(f).toFixed(1)}`;
    pen = "L";
  });
  const area = view.loudness.map(
    (v, i) => `${x(i * view.step + 0.0125).toFixed(1)} ${(base - (height * v) / loud).toFixed(1)}`,
  );
  const apart = view.seconds > 4 ? 1 : 0.5,
    ticks = Array.from({ length: Math.floor(view.seconds / apart) + 1 }, (_, i) => i * apart);
  svg.setAttribute("viewBox", `0 0 ${width} ${base + 38}`);
  svg.replaceChildren(
    make("svg:path", { class: "tl-loud", d: `M${x(0)} ${base}L${area.join("L")}L${x(view.seconds)} ${base}Z` }),
    ...[100, 200, 400]
      .filter((f) => f >= low && f <= high)
      .flatMap((f) => [
        make("svg:path", { class: "tl-grid", d: `M${left} ${y(f)}H${right}` }),
        text(f, left - 6, y(f) + 4, "end"),
      ]),
    ...ticks.map((t) => text(t, x(t), base + 16)),
    text("seconds; line: pitch in Hz, shape: loudness", (left + right) / 2, base + 33),
    make("svg:path", { class: "tl-voice", d: line }),
    cursor,
  );
  const ends = voiced.length
    ? `pitch from ${Math.min(...voiced).toFixed(0)} to ${Math.max(...voiced).toFixed(0)} Hz`
    : "no pitch";
  svg.setAttribute("aria-label", `Contours over ${view.seconds.toFixed(1)} seconds: ${ends}`);
  return x;
}

// z-scores of a take in dots, a row for each family, streams apart.
function drawCloud(svg, view, side, width) {
  svg.toggleAttribute("hidden", !side.z);
  if (!side.z) return;
  const left = 136,
    right = width - 44,
    row = 27,
    head = 18,
    top = 24,
    families = familiesOf(view, side),
    at = (z) => left + ((z + EDGE) / (2 * EDGE)) * (right - left);
  const text = (words, tx, ty, anchor, more = {}) =>
    make("svg:text", { x: tx, y: ty, "text-anchor": anchor, ...more }, words);
  const bottom = top + row * families.length + head * new Set(families.map((f) => f.stream)).size;
  let next = top;
  svg.setAttribute("viewBox", `0 0 ${width} ${bottom + 38}`);
  svg.replaceChildren(
    make("svg:rect", { class: "tl-usual", x: at(-1), y: top, width: at(1) - at(-1), height: bottom - top }),
    text("distance", width, 14, "end"),
    ...[-5, 0, 5].flatMap((z) => [
      make("svg:path", { class: "tl-grid", d: `M${at(z)} ${top}V${bottom}` }),
      text(minus(`${z}`), at(z), bottom + 16, "middle"),
    ]),
    text("z-score of each number", (left + right) / 2, bottom + 33, "middle"),
    ...families.flatMap(({ name, stream, z }, k) => {
      const first = stream !== families[k - 1]?.stream,
        middle = next + (first ? head : 0) + row / 2;
      next = middle + row / 2;
      // Places in a row spread by the golden ratio, so that dots hide each other as little as may be.
      const dots = Array.from(
        z,
        (v, i) => `M${at(v).toFixed(1)} ${(middle + 18 * (((i + 1) * 0.618034) % 1) - 9).toFixed(1)}h0`,
      ).join("");
      const far = distance(z);
      return [
        ...(first ? [text(stream, 0, middle - 15, "start", { class: "tl-stream" })] : []),
        text(name, left - 10, middle + 4, "end"),
        make("svg:path", { class: "tl-dots", d: dots }),
        text(far.toFixed(1), width, middle + 4, "end", {
          class: "tl-far",
          "data-value": "distance",
          "data-family": name,
          "data-exact": far,
        }),
      ];
    }),
  );
  const said = families.map(({ name, z }) => `${name} ${distance(z).toFixed(1)}`).join(", ");
  svg.setAttribute(
    "aria-label",
    `z-scores in dots, a row for each family of numbers. Root mean square, 1 being usual: ${said}`,
  );
}
