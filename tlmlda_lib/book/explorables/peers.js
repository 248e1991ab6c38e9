// Who is first, and by what (leaderboard.py). base.js stands before this text.

const METRICS = { war: "WAR", uar: "UAR" };
const RULES = {
  final: "the last epoch",
  unsupervised: "an epoch chosen without labels",
  oracle: "the best epoch on target labels",
};
const INTERVALS = { speakers: "other speakers", seeds: "other seeds" };
const SOURCES = { paper: "the paper", README: "the authors' README" };
const SHAPES = { paper: "▼", README: "◆" };

const one = (v) => v.toFixed(1).replace("-", "−");

// Rows of a state, the first first: label, figure, low, high (null where there is no interval).
function order(board, { scheme, metric, rule, scaling, interval }) {
  const at = interval === "seeds" ? 1 : 3;
  const all = Object.entries(board.figures[scheme])
    .map(([label, f]) => {
      const five = f[rule][metric];
      return {
        label,
        value: five[0],
        low: five[at],
        high: five[at + 1],
        scaling: f.scaling,
        seeds: f.seeds,
        records: f.records,
        ...board.rows[label],
      };
    })
    .sort((a, b) => b.value - a.value || (a.label < b.label ? -1 : 1));
  if (scaling === "all") return all;
  if (scaling !== "best") return all.filter((r) => r.scaling === scaling);
  const seen = new Set();
  return all.filter((r) => !seen.has(r.method) && seen.add(r.method));
}

// What a row lacks to the first: [points, low, high], and whether the interval leaves 0 out.
function behind(board, state, first, label) {
  if (first === label) return null;
  const [value, low, high] = board.against[state.scheme][state.rule][state.metric][first][label];
  return { value, low, high, apart: low > 0 || high < 0 };
}

// Left and right end of the scale, the same for all states, so that what moves has moved.
function ends(board) {
  const all = [];
  for (const [scheme, rows] of Object.entries(board.figures)) {
    for (const f of Object.values(rows))
      for (const rule of Object.keys(RULES))
        for (const m of Object.keys(METRICS)) all.push(...f[rule][m].filter((v) => v !== null));
    const s = board.schemes[scheme];
    all.push(...[s.chance, s.majority].filter((v) => typeof v === "number"));
    for (const p of Object.values(s.printed)) all.push(...Object.values(p));
  }
  return [Math.floor(Math.min(...all) / 10) * 10, Math.ceil(Math.max(...all) / 10) * 10];
}

function verdict(board, state, rows) {
  const name = (r) => `${r.name} (${r.scaling})`;
  if (!rows.length) return "Nothing was run in this way.";
  const [first, second] = rows;
  if (!second) return `${name(first)} is alone, with ${one(first.value)}: nothing else was run in this way.`;
  const gap = behind(board, state, first.label, second.label);
  const tied = rows.slice(1).filter((r) => !behind(board, state, first.label, r.label).apart).length;
  const words = `First of ${rows.length}: ${name(first)}, ${one(first.value)}. Then ${name(second)}, ${one(second.value)}. The difference is ${one(gap.value)}, 95 % from ${one(gap.low)} to ${one(gap.high)}`;
  const others =
    tied === rows.length - 1
      ? "No row differs significantly from the first."
      : tied === 0
        ? "Every other row is significantly below the first."
        : `${tied} of the other ${rows.length - 1} do not differ significantly from the first.`;
  return `${words}: ${gap.apart ? "the first is significantly better." : "no significant difference."} ${others}`;
}

function printed(board, { scheme, metric }) {
  if (metric === "uar") return "The paper prints WAR alone.";
  if (scheme === "mean") return "The paper's mean is over other schemes, so there is no mark.";
  const found = board.schemes[scheme].printed;
  if (!Object.keys(found).length) return "The paper has no such scheme.";
  const named = Object.fromEntries(Object.values(board.rows).map((r) => [r.method, r]));
  const words = Object.entries(found)
    .filter(([m]) => m in named)
    .map(
      ([m, values]) =>
        `${named[m].name} ${Object.entries(values)
          .map(([s, v]) => `${one(v)} (${SOURCES[s]})`)
          .join(" and ")}`,
    );
  return `Printed: ${words.join(", ")}.`;
}

function render({ model, el }) {
  el.classList.add("tl", "tl-board");
  const schemeWords = (key) =>
    key === "mean" ? "the mean of the six that anyone can run" : `${key}: ${model.get("scheme_words")[key]}`;
  const board = model.get("board"),
    fields = ["scheme", "metric", "rule", "scaling", "interval"];
  const scalings = [
    ...new Set(Object.values(board.figures).flatMap((rows) => Object.values(rows).map((r) => r.scaling))),
  ].sort();
  const options = {
    scheme: Object.fromEntries(Object.keys(board.schemes).map((s) => [s, schemeWords(s)])),
    metric: METRICS,
    rule: RULES,
    scaling: {
      all: "every one that was run",
      best: "each method's best, by target labels",
      ...Object.fromEntries(scalings.map((s) => [s, s])),
    },
    interval: INTERVALS,
  };
  const address = addressOf(model.get("address"));
  const state = Object.fromEntries(fields.map((f) => [f, model.get(f)]));
  const [left, right] = ends(board);
  const across = (v) => `${(100 * (v - left)) / (right - left)}%`;
  const synced = syncedState(model, address, state, fields, show);

  const change = (f) => (v) => {
    state[f] = v;
    update();
  };
  const controls = {
    scheme: choice({ label: "Scheme", options: options.scheme, value: state.scheme, change: change("scheme") }),
    scaling: choice({ label: "Scaling", options: options.scaling, value: state.scaling, change: change("scaling") }),
    rule: choice({ label: "Predictions of", options: RULES, value: state.rule, change: change("rule") }),
    metric: radio({ label: "Metric", options: METRICS, value: state.metric, change: change("metric") }),
    interval: radio({ label: "95 % over", options: INTERVALS, value: state.interval, change: change("interval") }),
  };
  const { element: end, say } = announcer();
  const list = make("ol"),
    axis = make("div", { class: "tl-track tl-axis" }),
    note = make("p", { class: "tl-aside" });
  for (let v = left; v <= right; v += 10) axis.append(make("span", { style: `left:${across(v)}` }, String(v)));
  const head = make(
    "div",
    { class: "tl-row tl-top", "aria-hidden": "true" },
    make("span", {}),
    make("span", {}, "method, scaling"),
    make("span", { class: "tl-figure" }),
    axis,
    make("span", { class: "tl-gap" }, "behind the first"),
  );
  const legend = make("p", { class: "tl-aside tl-legend", "aria-hidden": "true" });
  el.append(
    make("div", { class: "tl-controls" }, ...Object.values(controls).map((c) => c.element)),
    end,
    head,
    list,
    legend,
    note,
    ...(address.link ? [make("p", {}, address.link)] : []),
  );

  // One element for each row of the board, so that it can be seen to move.
  const items = Object.fromEntries(
    Object.entries(board.rows).map(([label, row]) => {
      const parts = {
        place: make("span", { class: "tl-place" }),
        scaling: make("span"),
        figure: make("span", { class: "tl-figure" }),
        gap: make("span", { class: "tl-gap" }),
      };
      const line = make("i", { class: "tl-line" }),
        dot = make("i", { class: "tl-dot" });
      const floors = ["chance", "majority"].map((n) => make("i", { class: `tl-floor tl-${n}` }));
      const marks = Object.keys(SOURCES).map((s) => make("i", { class: "tl-mark" }, SHAPES[s]));
      const track = make("div", { class: "tl-track", "aria-hidden": "true" }, ...floors, line, dot, ...marks);
      const item = make(
        "li",
        { class: `tl-row${row.table4 ? "" : " tl-ours"}`, "data-label": label },
        parts.place,
        make("span", { class: "tl-name" }, make("b", {}, row.name), " ", parts.scaling),
        parts.figure,
        track,
        parts.gap,
      );
      return [label, { ...parts, line, dot, floors, marks, item }];
    }),
  );

  function draw(row, i, first) {
    const e = items[row.label],
      floor = board.schemes[state.scheme],
      gap = behind(board, state, first.label, row.label);
    const whole = row.low === null ? "" : ` [${one(row.low)}, ${one(row.high)}]`;
    e.place.textContent = `${i + 1}.`;
    e.scaling.textContent = row.scaling;
    e.figure.replaceChildren(make("b", {}, one(row.value)), make("span", {}, whole || " one run"));
    e.figure.title = `${row.seeds === 1 ? "1 run" : `${row.seeds} runs`}: ${row.records}`;
    e.gap.replaceChildren(
      ...(gap === null
        ? ["first"]
        : [
            make("span", { class: "tl-hidden" }, "behind the first "),
            `${one(gap.value)} [${one(gap.low)}, ${one(gap.high)}]`,
            ...(gap.apart ? [] : [make("em", {}, " not significant")]),
          ]),
    );
    Object.assign(e.item.dataset, {
      place: i + 1,
      value: row.value,
      low: row.low ?? "",
      high: row.high ?? "",
      gap: gap ? [gap.value, gap.low, gap.high].join(" ") : "",
      apart: gap === null ? "first" : gap.apart,
    });
    e.dot.style.left = across(row.value);
    e.line.hidden = row.low === null;
    if (row.low !== null)
      Object.assign(e.line.style, {
        left: across(row.low),
        width: `${(100 * (row.high - row.low)) / (right - left)}%`,
      });
    const chance = state.metric === "uar" ? [floor.chance, null] : [floor.chance, floor.majority];
    e.floors.forEach((f, k) => {
      f.hidden = chance[k] === null;
      if (chance[k] !== null) f.style.left = across(chance[k]);
    });
    const found = state.metric === "war" ? (floor.printed[row.method] ?? {}) : {};
    Object.keys(SOURCES).forEach((s, k) => {
      e.marks[k].hidden = !(s in found);
      if (s in found)
        Object.assign(e.marks[k], { title: `${SOURCES[s]}: ${one(found[s])}` }).style.left = across(found[s]);
    });
    e.item.dataset.printed = Object.values(found).join(" ");
  }

  function update() {
    const rows = order(board, state),
      still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const before = new Map([...list.children].map((e) => [e, e.offsetTop]));
    rows.forEach((row, i) => draw(row, i, rows[0]));
    list.replaceChildren(...rows.map((r) => items[r.label].item));
    if (!still && before.size) {
      for (const e of list.children) {
        const from = before.has(e) ? { transform: `translateY(${before.get(e) - e.offsetTop}px)` } : { opacity: 0 };
        e.animate([from, {}], { duration: 700, easing: "ease-in-out" });
      }
    }
    say(verdict(board, state, rows));
    // What was run elsewhere, by the scalings that it has there.
    const missing =
      state.scaling === "all" || state.scaling === "best"
        ? Object.entries(board.rows)
            .filter(([l]) => !(l in board.figures[state.scheme]))
            .map(([l, r]) => {
              const found = new Set(
                Object.values(board.figures)
                  .filter((rows) => l in rows)
                  .map((rows) => rows[l].scaling),
              );
              return `${r.name} (${[...found].join(", ")})`;
            })
        : [];
    const bound =
      state.scaling === "best"
        ? "Each method's scaling is chosen here on the labels of the target: a bound, and no result."
        : "";
    const peeked =
      state.rule === "oracle"
        ? "The epoch is the best on the labels of the target; of PCA + SVM, which has no epochs, it is the setting C."
        : "";
    const floor = board.schemes[state.scheme];
    note.textContent = [
      bound,
      peeked,
      printed(board, state),
      missing.length ? `Not run${state.scheme === "mean" ? " on all six" : ""}: ${missing.join(", ")}.` : "",
    ]
      .filter(Boolean)
      .join(" ");
    legend.textContent = `● first, or not significantly below it   ○ significantly below it   ┊ chance ${one(floor.chance)}${state.metric === "war" ? `   ╎ largest class ${one(floor.majority)}` : ""}${
      state.metric === "war" && Object.keys(floor.printed).length
        ? `   ${Object.keys(SOURCES)
            .map((s) => `${SHAPES[s]} ${SOURCES[s]}`)
            .join("   ")}`
        : ""
    }`;
    synced.written(
      fields
        .map((f) =>
          f === "scaling"
            ? scalings.indexOf(state.scaling) < 0
              ? state.scaling
              : scalings.indexOf(state.scaling)
            : state[f],
        )
        .join("."),
    );
  }

  function show() {
    for (const f of fields) controls[f].set(state[f]);
    update();
  }

  const given = (address.read() ?? "").split(".");
  if (/^\d+$/.test(given[3] ?? "") && scalings[given[3]]) given[3] = scalings[given[3]];
  if (given.length === fields.length && fields.every((f, i) => Object.hasOwn(options[f], given[i])))
    fields.forEach((f, i) => {
      state[f] = given[i];
    });
  show();
  return synced.end;
}

export default explorable(render, ["board", "scheme_words"]);
