// From sound to numbers (sound_to_numbers.py). base.js stands before this text.

// What each functional is, in words; what openSMILE calls it stands beside it.
const MEANING = {
  maxPos: "place of the largest value",
  minPos: "place of the smallest value",
  amean: "mean",
  linregc1: "slope of the line of best fit",
  linregc2: "its value at the start",
  linregerrA: "mean distance from that line",
  linregerrQ: "mean squared distance from that line",
  stddev: "standard deviation",
  skewness: "skewness",
  kurtosis: "kurtosis",
  quartile1: "a quarter lies below",
  quartile2: "half lies below",
  quartile3: "three quarters lie below",
  "iqr1-2": "from the first to the second quartile",
  "iqr2-3": "from the second to the third quartile",
  "iqr1-3": "from the first to the third quartile",
  "percentile1.0": "1 % lies below",
  "percentile99.0": "99 % lie below",
  "pctlrange0-1": "from 1 % to 99 %",
  upleveltime75: "share of the time in the upper quarter",
  upleveltime90: "share of the time in the upper tenth",
};
const LETTERS = { "iqr1-2": [0.25, 0.5], "iqr2-3": [0.5, 0.75], "iqr1-3": [0.25, 0.75], "pctlrange0-1": [0.01, 0.99] };
const LEVEL = { quartile1: 0.25, quartile2: 0.5, quartile3: 0.75, "percentile1.0": 0.01, "percentile99.0": 0.99 };

const floats = (text) => {
  const view = new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  return Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
};

const mean = (x) => x.reduce((s, v) => s + v, 0) / x.length;

// The value below which a share of a sorted list lies, between its neighbours in proportion.
function percentile(sorted, share) {
  const i = share * (sorted.length - 1),
    low = Math.floor(i),
    high = Math.ceil(i);
  return sorted[low] + (i - low) * (sorted[high] - sorted[low]);
}

// The line of best fit over frames 0, 1, 2, ..
function line(x) {
  const n = x.length,
    m = mean(x),
    middle = (n - 1) / 2;
  let above = 0,
    below = 0;
  x.forEach((v, i) => {
    above += (i - middle) * (v - m);
    below += (i - middle) ** 2;
  });
  const slope = below ? above / below : 0;
  return { slope, start: m - slope * middle };
}

// IS10's functionals of a contour, as openSMILE defines them.
function functional(name, x) {
  if (!x.length) return 0;
  const m = mean(x),
    moment = (p) => mean(x.map((v) => (v - m) ** p)),
    { slope, start } = line(x);
  const sorted = [...x].sort((a, b) => a - b),
    low = sorted[0],
    high = sorted.at(-1);
  const spread = moment(2);
  if (name in LEVEL) return percentile(sorted, LEVEL[name]);
  if (name in LETTERS) return percentile(sorted, LETTERS[name][1]) - percentile(sorted, LETTERS[name][0]);
  switch (name) {
    case "maxPos":
      return x.indexOf(high);
    case "minPos":
      return x.indexOf(low);
    case "amean":
      return m;
    case "linregc1":
      return slope;
    case "linregc2":
      return start;
    case "linregerrA":
      return mean(x.map((v, i) => Math.abs(v - start - slope * i)));
    case "linregerrQ":
      return mean(x.map((v, i) => (v - start - slope * i) ** 2));
    case "stddev":
      return Math.sqrt(spread);
    case "skewness":
      return spread ? moment(3) / spread ** 1.5 : 0;
    case "kurtosis":
      return spread ? moment(4) / spread ** 2 : 0;
    case "upleveltime75":
      return mean(x.map((v) => (v > low + 0.75 * (high - low) ? 1 : 0)));
    case "upleveltime90":
      return mean(x.map((v) => (v > low + 0.9 * (high - low) ? 1 : 0)));
  }
}

const digits = (v) => {
  if (v === 0 || !Number.isFinite(v)) return String(v);
  const text = Math.abs(v) >= 1e-4 && Math.abs(v) < 1e6 ? String(Number(v.toPrecision(6))) : v.toExponential(4);
  return text.replace("-", "−");
};

function render({ model, el }) {
  el.classList.add("tl", "tl-numbers");
  const clips = model.get("clips"),
    descriptors = model.get("descriptors"),
    functionals = model.get("functionals");
  const step = model.get("step"),
    address = addressOf(model.get("address")),
    still = matchMedia("(prefers-reduced-motion: reduce)");
  let state = { ...model.get("chosen") },
    own = false,
    touched = false,
    frame = 0;

  const clipOf = (name) => clips.find((c) => c.name === name);
  const descriptorOf = (key) => descriptors.find((d) => d.key === key);
  const nameOf = (d) => (state.delta ? d.name.replace("_sma", "_sma_de") : d.name);
  const missing = (d, f) => d.voiced && (f === "percentile1.0" || f === "pctlrange0-1");

  // Of a contour: all its values, and the places of those that the functionals see.
  const kept = new Map();
  function contour(clip, d) {
    const name = nameOf(d),
      key = `${clip.name} ${name}`;
    if (!kept.has(key)) {
      const all = floats(clip.contours[name]),
        end = all.length - clip.unseen[name];
      const places = all.map((_, i) => i).filter((i) => i < end && (!d.voiced || all[i] !== 0));
      kept.set(key, { all, places, seen: places.map((i) => all[i]) });
    }
    return kept.get(key);
  }
  const opensmiles = (clip, d, f) => floats(clip.features[nameOf(d)])[functionals.indexOf(f)];

  const player = make("audio", { preload: "none", ended: halt, error: () => player.src && failed() });
  const play = make("button", { type: "button", click: () => (player.paused ? start() : halt()) }, "Play");
  const which = radio({
    label: "Clip",
    value: state.clip,
    options: Object.fromEntries(clips.map((c) => [c.name, c.name])),
    change: (v) => {
      state.clip = v;
      halt();
      update();
    },
  });
  const what = choice({
    label: "Descriptor",
    value: state.descriptor,
    options: Object.fromEntries(descriptors.map((d) => [d.key, d.words])),
    change: (v) => {
      state.descriptor = v;
      update();
    },
  });
  const order = radio({
    label: "Take",
    value: state.delta ? "delta" : "itself",
    options: { itself: "the contour", delta: "its changes (delta)" },
    change: (v) => {
      state.delta = v === "delta";
      update();
    },
  });
  const how = choice({
    label: "Functional",
    value: state.functional,
    options: Object.fromEntries(functionals.map((f) => [f, `${f}: ${MEANING[f]}`])),
    change: (v) => {
      state.functional = v;
      update();
    },
  });

  const picture = make("svg:svg", { role: "img" }),
    cursor = make("svg:path", { class: "tl-cursor" });
  const stage = make("div", { class: "tl-contour" }, picture);
  const feature = make("code", { class: "tl-feature" });
  const rows = clips.map((c) => ({
    here: make("output", { "data-value": "here", "data-clip": c.name }),
    theirs: make("output", { "data-value": "theirs", "data-clip": c.name }),
  }));
  const table = make(
    "table",
    { class: "tl-values" },
    make("caption", {}, feature),
    make(
      "thead",
      {},
      make("tr", {}, ...["clip", "computed here", "by openSMILE"].map((w) => make("th", { scope: "col" }, w))),
    ),
    make(
      "tbody",
      {},
      ...clips.map((c, i) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, c.name),
          make("td", {}, rows[i].here),
          make("td", {}, rows[i].theirs),
        ),
      ),
    ),
  );
  const { element: summary, say } = announcer();

  el.append(
    make("div", { class: "tl-controls" }, which.element, play),
    make("div", { class: "tl-controls" }, what.element, order.element, how.element),
    stage,
    make(
      "div",
      { class: "tl-body" },
      table,
      make("div", {}, summary, ...(address.link ? [make("p", {}, address.link)] : [])),
    ),
    player,
  );

  const LEFT = 64,
    SIDE = 74,
    TOP = 10,
    HEIGHT = 250,
    BOTTOM = 44;
  let x = () => 0;
  function paint() {
    const width = stage.clientWidth;
    if (!width) return;
    const clip = clipOf(state.clip),
      d = descriptorOf(state.descriptor),
      f = state.functional;
    const { all, places, seen } = contour(clip, d),
      right = width - SIDE;
    const lowest = Math.min(...all),
      highest = Math.max(...all),
      extent = highest - lowest || 1;
    x = (t) => LEFT + (t / clip.seconds) * (right - LEFT);
    const at = (i) => x(i * step + d.centre),
      y = (v) => TOP + (HEIGHT - TOP) * (1 - (v - lowest + 0.04 * extent) / (1.08 * extent));
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT + BOTTOM}`);
    const text = (words, tx, ty, more = {}) => make("svg:text", { x: tx, y: ty, ...more }, words);
    const path = (points, kind) =>
      make("svg:path", {
        class: kind,
        d: points.map(([a, b, pen], k) => `${k && pen !== "M" ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join(""),
      });
    const across = (v, kind = "tl-mark") =>
      make("svg:path", { class: kind, d: `M${LEFT} ${y(v).toFixed(1)}H${right}` });
    const band = (a, b) =>
      make("svg:rect", {
        class: "tl-band",
        x: LEFT,
        y: Math.min(y(a), y(b)),
        width: right - LEFT,
        height: Math.abs(y(a) - y(b)),
      });
    const parts = [];

    // Axes: four values, quarters of a second.
    for (let k = 0; k < 4; k++) {
      const v = lowest + (k / 3) * extent;
      parts.push(
        across(v, "tl-grid"),
        text(Number(v.toPrecision(3)).toString().replace("-", "−"), LEFT - 6, y(v) + 4, { "text-anchor": "end" }),
      );
    }
    const apart = clip.seconds > 4 ? 1 : clip.seconds > 1 ? 0.5 : 0.25;
    for (let t = 0; t <= clip.seconds; t += apart)
      parts.push(text(String(t), x(t), HEIGHT + 18, { "text-anchor": "middle" }));
    parts.push(
      text("seconds", (LEFT + right) / 2, HEIGHT + 36, { "text-anchor": "middle" }),
      text("how often", right + SIDE / 2 + 4, HEIGHT + 18, { "text-anchor": "middle" }),
    );

    // What the functionals do not see stays faint; a gap in what they see is a gap in the line.
    parts.push(
      path(
        all.map((v, i) => [at(i), y(v)]),
        "tl-unseen",
      ),
    );
    const pieces = (value) => places.map((i, k) => [at(i), y(value(i, k)), k && places[k - 1] === i - 1 ? "L" : "M"]);
    const m = seen.length ? mean(seen) : 0,
      sorted = [...seen].sort((a, b) => a - b),
      fit = seen.length ? line(seen) : null;
    if (seen.length) {
      if (f === "stddev") parts.push(band(m - functional("stddev", seen), m + functional("stddev", seen)));
      if (f in LETTERS) parts.push(band(...LETTERS[f].map((p) => percentile(sorted, p))));
      if (f.startsWith("linregerr"))
        for (const [k, i] of places.entries())
          parts.push(
            path(
              [
                [at(i), y(all[i])],
                [at(i), y(fit.start + fit.slope * k)],
              ],
              "tl-error",
            ),
          );
    }
    parts.push(
      path(
        pieces((i) => all[i]),
        "tl-seen",
      ),
    );
    if (seen.length) {
      if (["amean", "stddev", "skewness", "kurtosis"].includes(f)) parts.push(across(m));
      if (f in LEVEL) parts.push(across(percentile(sorted, LEVEL[f])));
      if (f.startsWith("linreg"))
        parts.push(
          path(
            pieces((_, k) => fit.start + fit.slope * k),
            "tl-mark",
          ),
        );
      if (f === "linregc2")
        parts.push(make("svg:circle", { class: "tl-dot", cx: at(places[0]), cy: y(fit.start), r: 6 }));
      if (f === "maxPos" || f === "minPos") {
        const i = places[functional(f, seen)];
        parts.push(
          make("svg:path", { class: "tl-mark", d: `M${at(i)} ${TOP}V${HEIGHT}` }),
          make("svg:circle", { class: "tl-dot", cx: at(i), cy: y(all[i]), r: 6 }),
        );
      }
      if (f.startsWith("uplevel")) {
        const share = Number(f.slice(-2)) / 100,
          level = sorted[0] + share * (sorted.at(-1) - sorted[0]);
        parts.push(
          across(level),
          ...places
            .filter((i) => all[i] > level)
            .map((i) => make("svg:circle", { class: "tl-dot", cx: at(i), cy: y(all[i]), r: 3 })),
        );
      }
      // How often each value comes: what most functionals see, since they do not know the order.
      const bins = 16,
        counts = Array(bins).fill(0);
      for (const v of seen) counts[Math.min(bins - 1, Math.floor(((v - lowest) / extent) * bins))] += 1;
      const most = Math.max(...counts);
      counts.forEach((c, k) => {
        const upper = y(lowest + ((k + 1) / bins) * extent),
          lower = y(lowest + (k / bins) * extent);
        parts.push(
          make("svg:rect", {
            class: "tl-bin",
            x: right + 12,
            y: upper,
            width: ((SIDE - 14) * c) / most,
            height: Math.max(1, lower - upper - 1),
          }),
        );
      });
    }
    cursor.setAttribute("d", "");
    picture.replaceChildren(...parts, cursor);
  }

  function update() {
    const d = descriptorOf(state.descriptor);
    const f = state.functional,
      name = `${nameOf(d)}_${f}`,
      absent = missing(d, f);
    feature.textContent = absent ? `${name}: not in IS10` : name;
    clips.forEach((c, i) => {
      const values = [functional(f, contour(c, d).seen), opensmiles(c, d, f)];
      [rows[i].here, rows[i].theirs].forEach((output, k) => {
        output.value = k && absent ? "not in IS10" : digits(values[k]);
        output.dataset.exact = values[k];
      });
      table.tBodies[0].rows[i].classList.toggle("tl-chosen", c.name === state.clip);
    });
    const clip = clipOf(state.clip),
      { all, places, seen } = contour(clip, d),
      value = functional(f, seen);
    const whose = `${state.delta ? "changes of " : ""}${d.words}`;
    const end = `openSMILE's functionals leave out the last ${clip.unseen[nameOf(d)]} of ${all.length} frames`;
    const count = d.voiced ? `${end} and those without a voice: ${places.length} count.` : `${end}.`;
    const words = `${clip.name}, ${whose}, ${MEANING[f]}: ${digits(value)}.`;
    say(`${words} ${count}`);
    picture.setAttribute(
      "aria-label",
      `Contour over ${clip.seconds.toFixed(1)} seconds, and beside it how often each value comes. ${words}`,
    );
    paint();
    address.write([clips.indexOf(clip), state.descriptor, state.delta ? 1 : 0, f].join("~"), touched);
    touched = true;
    own = true;
    model.set("chosen", { ...state });
    model.set("value", value);
    model.save_changes();
    own = false;
  }

  function start() {
    const clip = clipOf(state.clip);
    player.src = `data:audio/mpeg;base64,${clip.audio}`;
    play.textContent = "Stop";
    player.play().catch((error) => {
      if (error.name !== "AbortError") failed();
    });
    if (!still.matches) follow();
  }

  function follow() {
    cursor.setAttribute("d", `M${x(player.currentTime).toFixed(1)} ${TOP}V${HEIGHT}`);
    frame = requestAnimationFrame(follow);
  }

  function halt() {
    cancelAnimationFrame(frame);
    player.pause();
    cursor.setAttribute("d", "");
    play.textContent = "Play";
  }

  function failed() {
    halt();
    say("This browser did not play the clip.");
  }

  function show() {
    what.set(state.descriptor);
    how.set(state.functional);
    which.set(state.clip);
    order.set(state.delta ? "delta" : "itself");
    update();
  }

  function fromModel() {
    if (own) return;
    state = { ...state, ...model.get("chosen") };
    halt();
    show();
  }

  const given = (address.read() ?? "").split("~");
  if (
    given.length === 4 &&
    clips[given[0]] &&
    descriptorOf(given[1]) &&
    ["0", "1"].includes(given[2]) &&
    functionals.includes(given[3])
  ) {
    state = { clip: clips[given[0]].name, descriptor: given[1], delta: given[2] === "1", functional: given[3] };
  }
  model.on("change:chosen", fromModel);
  show();
  const end = redraw(stage, paint);
  return () => {
    end();
    halt();
    model.off("change:chosen", fromModel);
  };
}

export default explorable(render, ["clips", "descriptors", "functionals", "step"]);
