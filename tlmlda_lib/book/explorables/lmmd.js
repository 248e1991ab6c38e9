// LMMD by hand (lmmd_by_hand.py). base.js and points.js stand before this text.

const CLASSES = ["anger", "sad", "happy"];
const NOUNS = ["anger", "sadness", "happiness"];
const STARTS = { moved: "the target moved", samples: "two samples of one distribution" };
const COMMON = { both: "in the source and guessed", source: "in the source", all: "all" };
// What can be missing of the second class.
const MISSING = {
  nothing: "nothing",
  guesses: `${NOUNS[1]}: nobody predicts it`,
  source: `${NOUNS[1]}: not in the source`,
  everywhere: `${NOUNS[1]}: neither nor`,
};
const CENTRES = [
  [-2.3, 1.3],
  [-1.7, -1.4],
  [0.1, 0.4],
];
const SHIFT = [1.8, -0.1],
  SPREAD = 0.4;

const classOf = (i, count) => Math.floor(i / count);

// Two domains to begin with, class by class; the same ones every time.
function begin(start, classes, count) {
  const next = random(2022);
  const domain = ([dx, dy]) =>
    Array.from({ length: classes * count }, (_, i) => {
      const [x, y] = CENTRES[classOf(i, count)];
      return place([x + dx + SPREAD * normal(next), y + dy + SPREAD * normal(next)]);
    });
  return [domain([0, 0]), domain(start === "moved" ? SHIFT : [0, 0])];
}

// The order in which guesses go wrong, evenly over the classes, and what each is mistaken for.
function errors(classes, count) {
  const next = random(7),
    order = [];
  const rows = Array.from({ length: classes }, (_, c) => {
    const row = Array.from({ length: count }, (_, i) => c * count + i);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [row[i], row[j]] = [row[j], row[i]];
    }
    return row;
  });
  for (let i = 0; i < count; i++) for (const row of rows) order.push(row[i]);
  const other = Array.from(
    { length: classes * count },
    (_, i) => (classOf(i, count) + 1 + Math.floor(next() * (classes - 1))) % classes,
  );
  return { order, other };
}

function guess(classes, count, wrong, missing) {
  const { order, other } = errors(classes, count),
    n = classes * count;
  const mistaken = new Set(order.slice(0, Math.round(wrong * n)));
  const nobody = ["guesses", "everywhere"].includes(missing) ? 1 : null;
  return Array.from({ length: n }, (_, i) => {
    const g = mistaken.has(i) ? other[i] : classOf(i, count);
    return g === nobody ? (g + 1) % classes : g;
  });
}

// Equations 3 and 4, squared, as tlmlda_lib.losses.mmd_and_lmmd computes them, and what dealing the same points anew
// would leave of them on average: all points for MMD, the points of each class for LMMD.
function measure(zs, zt, ys, guesses, classes, common) {
  const z = [...zs, ...zt],
    domain = z.map((_, i) => (i < zs.length ? 0 : 1)),
    label = [...ys, ...guesses];
  const { k } = kernelMatrix(z);
  const compare = (rows) => {
    const counts = [0, 1].map((d) => rows.filter((i) => domain[i] === d).length);
    const w = (i) => (domain[i] ? -1 : 1) / counts[domain[i]];
    let square = 0,
      all = 0;
    for (const i of rows)
      for (const j of rows) {
        square += w(i) * w(j) * k[i][j];
        all += k[i][j];
      }
    const n = rows.length,
      one = counts.includes(0);
    const mean = (all - KERNELS.length * n) / (n * n - n);
    return {
      counts,
      square: Math.max(square, 0),
      floor: one ? square : (KERNELS.length - mean) * (1 / counts[0] + 1 / counts[1]),
    };
  };
  const whole = compare(z.map((_, i) => i));
  const parts = Array.from({ length: classes }, (_, c) => compare(label.flatMap((l, i) => (l === c ? [i] : []))));
  for (const part of parts) {
    const [source, target] = part.counts;
    part.kept = common === "all" || (source > 0 && (common === "source" || target > 0));
  }
  const kept = parts.filter((part) => part.kept);
  const mean = (name) => kept.reduce((s, part) => s + part[name], 0) / Math.max(kept.length, 1);
  return { mmd: whole.square, mmdFloor: whole.floor, lmmd: mean("square"), lmmdFloor: mean("floor"), parts };
}

const python = (zs, zt, ys, guesses, classes, common) => `import torch
from tlmlda_lib.losses import mmd_and_lmmd

zs = ${tensor(zs)}
zt = ${tensor(zt)}
ys = torch.tensor([${ys.join(", ")}])
guesses = [${guesses.join(", ")}]
pt = torch.eye(${classes}, dtype=torch.float64)[guesses]
print(mmd_and_lmmd(zs, zt, ys, pt, common="${common}"))`;

const FIELDS = ["start", "classes", "count", "wrong", "missing", "common", "move"]; // what Python can set

function render({ model, el }) {
  el.classList.add("tl", "tl-points", "tl-lmmd");
  const address = addressOf(model.get("address"));
  let [start, classes, count, wrong, missing, common] = FIELDS.map((name) => model.get(name));
  let clouds,
    mode = model.get("move"),
    own = false,
    touched = false,
    drawn = [];

  const links = make("svg:g", { "aria-hidden": "true" });
  const { element: stage, set, show } = board({ label: "Two domains, each with its emotions", under: [links] });
  const tracks = Object.fromEntries(
    ["mmd", "lmmd"].map((name) => {
      const bar = make("div", { class: "tl-bar" }),
        floor = make("div", { class: "tl-mark" });
      return [name, { bar, floor, element: make("div", { class: "tl-track" }, bar, floor) }];
    }),
  );
  const gauge = make(
    "div",
    { class: "tl-gauge", "aria-hidden": "true" },
    make("span", {}, "MMD²"),
    tracks.mmd.element,
    make("span", {}, "LMMD²"),
    tracks.lmmd.element,
    ticks(),
  );
  const outputs = Object.fromEntries(
    ["mmd", "mmdFloor", "lmmd", "lmmdFloor"].map((name) => [name, make("output", { "data-value": name })]),
  );
  const numbers = make(
    "dl",
    { class: "tl-numbers" },
    ...[
      ["mmd", "mmd", "MMD² (equation 3)"],
      ["mmdFloor", "floor", "floor: all points dealt at random"],
      ["lmmd", "lmmd", "LMMD² (equation 4)"],
      ["lmmdFloor", "floor", "floor: each emotion’s points dealt at random"],
    ].flatMap(([name, look, words]) => [make("dt", { class: `tl-of-${look}` }, words), make("dd", {}, outputs[name])]),
  );
  const body = make("tbody");
  const table = make(
    "table",
    {},
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        ...["emotion", "source", "guesses", "distance²"].map((words) => make("th", { scope: "col" }, words)),
      ),
    ),
    body,
  );
  const { element: summary, say } = announcer();
  const code = make("pre", { tabindex: "0", "aria-label": "Python code" });

  const starts = choice({
    label: "Start from",
    options: STARTS,
    value: start,
    change: (v) => {
      start = v;
      again();
    },
  });
  const numbersOfClasses = choice({
    label: "Emotions",
    options: { 2: "two", 3: "three" },
    value: String(classes),
    change: (v) => {
      classes = Number(v);
      again();
    },
  });
  const wrongs = slider({
    label: "Wrong pseudo-labels",
    min: 0,
    max: 100,
    step: 5,
    value: 100 * wrong,
    change: (v) => {
      wrong = v / 100;
      update();
    },
    words: (v) => `${v} %: ${Math.round((v / 100) * classes * count)} of ${classes * count}`,
  });
  const absent = choice({
    label: "Missing",
    options: MISSING,
    value: missing,
    change: (v) => {
      missing = v;
      build();
      update();
    },
  });
  const counted = choice({
    label: "Classes that count",
    options: COMMON,
    value: common,
    change: (v) => {
      common = v;
      update();
    },
  });
  const modes = radio({
    label: "Move",
    options: { classes: "one emotion", domain: "a whole domain", points: "single points" },
    value: mode,
    change: (v) => {
      mode = v;
      build();
      update();
    },
  });
  const button = (words, click) =>
    make(
      "button",
      {
        type: "button",
        click: () => {
          click();
          update();
        },
      },
      words,
    );
  const buttons = [
    button("Lay the target on the source", () => {
      clouds[1] = structuredClone(clouds[0]);
    }),
    button(`Swap ${NOUNS[0]} and ${NOUNS[1]} of the target`, () => {
      clouds[1] = [...clouds[1].slice(count, 2 * count), ...clouds[1].slice(0, count), ...clouds[1].slice(2 * count)];
    }),
    make("button", { type: "button", click: again }, "Start again"),
  ];
  const legend = make(
    "p",
    { class: "tl-legend" },
    make("span", {}, "● source"),
    make("span", {}, "◆ target, filled as guessed; a rim shows what a wrong one is"),
    make("span", {}, "line: which two parts LMMD compares; ×: mean of what is guessed to be that emotion"),
  );
  el.append(
    make("div", { class: "tl-controls" }, ...buttons),
    make(
      "div",
      { class: "tl-body" },
      make(
        "div",
        {},
        gauge,
        stage,
        legend,
        make("div", { class: "tl-controls" }, wrongs.element, absent.element, counted.element, modes.element),
      ),
      make(
        "div",
        {},
        numbers,
        table,
        summary,
        ...(address.link ? [make("p", {}, address.link)] : []),
        make("div", { class: "tl-controls" }, starts.element, numbersOfClasses.element),
      ),
    ),
    make("details", {}, make("summary", {}, "These points in Python"), code),
  );

  const present = (k, i) => k === 1 || classOf(i, count) !== 1 || !["source", "everywhere"].includes(missing);
  const rows = (k, c = null) =>
    clouds[k].flatMap((_, i) => (present(k, i) && (c === null || classOf(i, count) === c) ? [i] : []));
  const pick = (cloud, indices) => indices.map((i) => cloud[i]);

  // One handle for each point, and one for all that moves together; which of them the keyboard reaches depends on the mode.
  function build() {
    drawn = [new Map(), new Map()];
    const points = [],
      means = [];
    for (const k of [0, 1]) {
      points.push(
        ...rows(k).map((i) => {
          const mark = shape(k, 0.13),
            c = classOf(i, count);
          drawn[k].set(i, mark);
          return handle(
            k,
            `${NAMES[k]} ${NOUNS[c]}, point ${(i % count) + 1}`,
            "tl-point",
            [reach(0.22), mark],
            mode === "points",
            () => [i],
            () => ({ points: [i], classes: rows(k, c), domain: rows(k) })[mode],
          );
        }),
      );
      const groups = { points: [], classes: CLASSES.slice(0, classes).map((_, c) => c), domain: [null] }[mode].filter(
        (c) => rows(k, c).length,
      );
      means.push(
        ...groups.map((c) => {
          const mark = shape(k, 0.3);
          if (c !== null) mark.setAttribute("class", `tl-of-${CLASSES[c]}`);
          const name = c === null ? `${NAMES[k]} cloud` : `${NAMES[k]} ${NOUNS[c]}`;
          const text = make(
            "svg:text",
            { y: k ? 0.82 : -0.62, "aria-hidden": "true" },
            c === null ? NAMES[k] : NOUNS[c],
          );
          return handle(
            k,
            name,
            "tl-mean",
            [reach(0.34), text, mark],
            true,
            () => rows(k, c),
            () => rows(k, c),
          );
        }),
      );
    }
    set([...points, ...means]);
  }

  function handle(k, name, kind, shapes, spoken, where, together) {
    return {
      name,
      kind: `tl-${NAMES[k]} ${kind}`,
      shapes,
      spoken,
      at: () => centre(pick(clouds[k], where())),
      hold: () => {
        const before = clouds[k],
          which = together();
        return (dx, dy) => {
          clouds[k] = moved(before, which, dx, dy);
          update();
        };
      },
    };
  }

  function update() {
    const guesses = guess(classes, count, wrong, missing),
      inSource = rows(0);
    const zs = pick(clouds[0], inSource),
      ys = inSource.map((i) => classOf(i, count)),
      zt = clouds[1];
    const now = measure(zs, zt, ys, guesses, classes, common);
    show();
    for (const [i, mark] of drawn[0]) mark.setAttribute("class", `tl-of-${CLASSES[classOf(i, count)]}`);
    for (const [i, mark] of drawn[1]) {
      const truth = classOf(i, count);
      mark.setAttribute(
        "class",
        `tl-of-${CLASSES[guesses[i]]}${guesses[i] === truth ? "" : ` tl-wrong tl-rim-${CLASSES[truth]}`}`,
      );
    }
    links.replaceChildren(
      ...now.parts.flatMap((part, c) => {
        const source = zs.filter((_, i) => ys[i] === c),
          target = zt.filter((_, i) => guesses[i] === c);
        const [x, y] = target.length ? centre(target) : [],
          [u, v] = source.length ? centre(source) : [];
        const look = `tl-compared tl-of-${CLASSES[c]}${part.kept ? "" : " tl-left-out"}`;
        return [
          ...(source.length && target.length ? [make("svg:path", { class: look, d: `M${u} ${-v}L${x} ${-y}` })] : []),
          ...(target.length
            ? [make("svg:path", { class: look, d: `M${x - 0.1} ${-y - 0.1}l.2 .2m0 -.2l-.2 .2` })]
            : []),
        ];
      }),
    );
    for (const [name, output] of Object.entries(outputs)) {
      output.value = now[name].toFixed(6);
      output.dataset.exact = now[name];
    }
    for (const [name, { bar, floor }] of Object.entries(tracks)) {
      bar.style.width = `${along(now[name])}%`;
      floor.style.left = `${along(now[`${name}Floor`])}%`;
    }
    body.replaceChildren(
      ...now.parts.map((part, c) =>
        make(
          "tr",
          { class: part.kept ? "" : "tl-left-out" },
          make(
            "th",
            { scope: "row", class: `tl-of-${CLASSES[c]}` },
            NOUNS[c],
            part.kept ? "" : make("span", {}, " does not count"),
          ),
          ...[...part.counts, part.square.toFixed(3)].map((v) => make("td", {}, String(v))),
        ),
      ),
    );
    const right = guesses.filter((g, i) => g === classOf(i, count)).length;
    const size = (name) =>
      now[name] < 1e-9 ? "0" : `${now[name].toFixed(2)} (floor ${now[`${name}Floor`].toFixed(2)})`;
    const near = (name) => now[name] <= 1.5 * now[`${name}Floor`] + 1e-9;
    const verdicts = {
      "true true": "As wholes and emotion by emotion, the domains look alike to them",
      "true false": "As wholes the domains look alike; emotion by emotion, by the guesses, they do not",
      "false true": "As wholes the domains differ; emotion by emotion, by the guesses, they look alike",
      "false false": "The domains differ, as wholes and emotion by emotion",
    };
    const kept = now.parts.flatMap((part, c) => (part.kept ? [NOUNS[c]] : []));
    say(
      `MMD² is ${size("mmd")}, LMMD² ${size("lmmd")}. ${verdicts[`${near("mmd")} ${near("lmmd")}`]}. ${right} of ${guesses.length} guesses are right; ${kept.length ? `${kept.join(", ")} count` : "no class counts"}.`,
    );
    code.textContent = python(zs, zt, ys, guesses, classes, common);
    address.write(`${classes}.${Math.round(100 * wrong)}.${missing}.${common}_${pack(clouds)}`, touched);
    touched = true;
    own = true;
    const state = {
      start,
      classes,
      count,
      wrong,
      missing,
      common,
      move: mode,
      source: zs,
      target: zt,
      labels: ys,
      guesses,
      mmd: now.mmd,
      lmmd: now.lmmd,
    };
    for (const [name, value] of Object.entries(state)) model.set(name, structuredClone(value));
    model.save_changes();
    own = false;
  }

  function again() {
    clouds = begin(start, classes, count);
    wrongs.set(100 * wrong);
    build();
    update();
  }

  // Another start, or another number of emotions or points, begins anew, as it does on the page.
  function fromModel() {
    if (own) return;
    const anew = start !== model.get("start") || classes !== model.get("classes") || count !== model.get("count");
    [start, classes, count, wrong, missing, common, mode] = FIELDS.map((name) => model.get(name));
    controls();
    if (anew) return again();
    build();
    update();
  }

  function controls() {
    starts.set(start);
    modes.set(mode);
    wrongs.set(100 * wrong);
    absent.set(missing);
    counted.set(common);
    numbersOfClasses.set(String(classes));
  }

  function linked(text) {
    const [setting, points] = text.split("_"),
      found = unpack(points ?? ""),
      [c, w, m, which] = setting.split(".");
    const each = found && found[0].length / Number(c);
    if (!found || found[0].length !== found[1].length || !["2", "3"].includes(c) || !Number.isInteger(each) || each < 2)
      return false;
    if (!(m in MISSING) || !(which in COMMON) || !(Number(w) >= 0 && Number(w) <= 100)) return false;
    [clouds, classes, count, wrong, missing, common] = [found, Number(c), each, Number(w) / 100, m, which];
    return true;
  }

  if (linked(address.read() ?? "")) controls();
  else clouds = begin(start, classes, count);
  build();
  update();
  const changes = FIELDS.map((name) => `change:${name}`);
  for (const change of changes) model.on(change, fromModel);
  return () => {
    for (const change of changes) model.off(change, fromModel);
  };
}

export default explorable(render);
