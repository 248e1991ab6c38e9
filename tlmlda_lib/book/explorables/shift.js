// Two corpora in a plane (two_corpora.py). base.js stands before this text.

// For each of some points the places of its nearest neighbours among others.
const nearest = (xy, of, among, k) =>
  of.map((i) =>
    among
      .filter((j) => j !== i)
      .map((j) => [(xy[i][0] - xy[j][0]) ** 2 + (xy[i][1] - xy[j][1]) ** 2, j])
      .sort((p, q) => p[0] - q[0] || p[1] - q[1])
      .slice(0, k)
      .map(([, j]) => j),
  );

// Share of the neighbours that have what the point itself has.
const shared = (of, neighbours, what) =>
  neighbours
    .flatMap((list, n) => list.map((j) => (what(of[n]) === what(j) ? 1 : 0)))
    .reduce((s, v, _, all) => s + v / all.length, 0);

const percent = (v) => `${Number((100 * v).toFixed(1))} %`;

function render({ model, el }) {
  el.classList.add("tl", "tl-corpora");
  const points = model.get("points"),
    maps = model.get("maps"),
    k = model.get("neighbours");
  const address = addressOf(model.get("address")),
    corpora = [0, 1].map((c) => points.find((p) => p.place === c).corpus);
  const emotions = [...new Set(points.map((p) => p.emotion))].sort();
  const sounding = points.flatMap((p, i) => (p.audio ? [i] : []));
  const all = points.map((_, i) => i),
    here = all.filter((i) => points[i].place === 0),
    there = all.filter((i) => points[i].place === 1);
  const numbers = maps.map(({ xy, predicted }) => {
    const asked = all.filter((i) => predicted[i]);
    return {
      corpus: shared(all, nearest(xy, all, all, k), (i) => points[i].place),
      emotion: shared(there, nearest(xy, there, here, k), (i) => points[i].emotion),
      recognised: asked.length ? asked.filter((i) => predicted[i] === points[i].emotion).length / asked.length : NaN,
    };
  });
  let which = Math.max(
      0,
      maps.findIndex((m) => m.name === model.get("chosen")),
    ),
    colour = model.get("colour"),
    chosen = sounding[0] ?? -1;
  let own = false,
    touched = false;

  const SHAPES = [
    (r) => make("svg:circle", { r }),
    (r) => make("svg:path", { d: `M0 ${-1.25 * r}L${1.25 * r} 0L0 ${1.25 * r}L${-1.25 * r} 0Z` }),
  ];
  const wrong = (i) => maps[which].predicted[i] && maps[which].predicted[i] !== points[i].emotion;
  function words(i) {
    const p = points[i],
      guess = maps[which].predicted[i];
    return `${p.emotion}, ${p.corpus}, speaker ${p.speaker}${guess ? (wrong(i) ? `, taken for ${guess}` : ", recognised") : ""}`;
  }

  const marks = points.map((p, i) => {
    const g = make(
      "svg:g",
      p.audio
        ? {
            class: "tl-one",
            role: "button",
            tabindex: i === chosen ? "0" : "-1",
            keydown: (e) => sound.keys(e, i),
            focus: () => choose(i),
          }
        : { class: "tl-mute", "aria-hidden": "true" },
      SHAPES[p.place](p.audio ? 6 : 3),
    );
    return g;
  });
  // Those that can be heard lie on top.
  const picture = make(
    "svg:svg",
    { role: "group", click: (e) => sound.point(e) },
    ...marks.filter((_, i) => !points[i].audio),
    ...sounding.map((i) => marks[i]),
  );
  const stage = make("div", { class: "tl-plane" }, picture);
  const scalings = radio({
    label: "Scaled",
    value: maps[which].name,
    options: Object.fromEntries(maps.map((m) => [m.name, m.name])),
    change: (v) => {
      which = maps.findIndex((m) => m.name === v);
      update();
    },
  });
  const colours = radio({
    label: "Colour",
    value: colour,
    options: { emotion: "by emotion", corpus: "by corpus" },
    change: (v) => {
      colour = v;
      update();
    },
  });
  const key = make("p", { class: "tl-key" });
  const outputs = Object.fromEntries(
    ["corpus", "emotion", "recognised"].map((n) => [n, make("output", { "data-value": n })]),
  );
  const table = make(
    "table",
    { class: "tl-shares" },
    make(
      "tbody",
      {},
      ...[
        ["corpus", `Of a point's ${k} nearest: of its own corpus`],
        ["emotion", `Of a ${corpora[1]} point's ${k} nearest in ${corpora[0]}: of its own emotion`],
        ["recognised", `Of all in ${corpora[1]}: recognised`],
      ].map(([n, w]) => make("tr", {}, make("th", { scope: "row" }, w), make("td", {}, outputs[n]))),
    ),
  );
  const now = make("p", { class: "tl-current" });
  const { element: summary, say } = announcer();
  const sound = soundingMarks({ clips: points, sounding, marks, picture, at: (i) => at(i), choose, say });

  el.append(
    make("div", { class: "tl-controls" }, scalings.element, colours.element),
    make(
      "p",
      { class: "tl-help" },
      "Press one of the large marks to hear it. Arrow keys go to the next one, Enter plays it, Escape stops.",
    ),
    stage,
    key,
    make(
      "div",
      { class: "tl-body" },
      table,
      make("div", {}, now, summary, ...(address.link ? [make("p", {}, address.link)] : [])),
    ),
    sound.player,
  );

  let at = () => [0, 0];
  function paint() {
    const width = stage.clientWidth,
      height = Math.min(460, Math.max(300, width * 0.7)),
      edge = 16;
    if (!width) return;
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.style.height = `${height}px`;
    const { xy } = maps[which],
      low = [0, 1].map((j) => Math.min(...xy.map((p) => p[j]))),
      high = [0, 1].map((j) => Math.max(...xy.map((p) => p[j])));
    const scale = Math.min((width - 2 * edge) / (high[0] - low[0] || 1), (height - 2 * edge) / (high[1] - low[1] || 1));
    at = (i) => [
      width / 2 + scale * (xy[i][0] - (low[0] + high[0]) / 2),
      height / 2 - scale * (xy[i][1] - (low[1] + high[1]) / 2),
    ];
    marks.forEach((g, i) => {
      const [a, b] = at(i);
      g.style.transform = `translate(${a.toFixed(1)}px, ${b.toFixed(1)}px)`;
    });
  }

  function update() {
    marks.forEach((g, i) => {
      g.style.setProperty(
        "--tl-mine",
        colour === "emotion" ? `var(--tl-${points[i].emotion})` : `var(--tl-${["source", "target"][points[i].place]})`,
      );
      g.classList.toggle("tl-missed", Boolean(wrong(i)));
      g.classList.toggle("tl-chosen", i === chosen);
      if (points[i].audio) g.setAttribute("aria-label", words(i));
    });
    const swatch = (variable, shape, more = "") =>
      make(
        "svg:svg",
        {
          class: `tl-swatch ${more}`,
          viewBox: "-8 -8 16 16",
          "aria-hidden": "true",
          style: `--tl-mine: var(--tl-${variable})`,
        },
        SHAPES[shape](5),
      );
    const item = (s, text) => make("span", {}, s, ` ${text}`);
    key.replaceChildren(
      ...(colour === "emotion"
        ? [
            ...emotions.map((e) => item(swatch(e, 0), e)),
            item(swatch("ink", 0), corpora[0]),
            item(swatch("ink", 1), corpora[1]),
          ]
        : corpora.map((c, j) => item(swatch(["source", "target"][j], j), c))),
      item(swatch("ink", 1, "tl-missed"), "not recognised"),
    );
    const n = numbers[which];
    for (const name of Object.keys(outputs)) {
      outputs[name].value = Number.isNaN(n[name]) ? "–" : percent(n[name]);
      outputs[name].dataset.exact = n[name];
    }
    const text = `Scaled ${maps[which].name}: ${percent(n.corpus)} of the neighbours are of a point's own corpus; across the corpora, ${percent(n.emotion)} are of its own emotion.`;
    say(`${text}${Number.isNaN(n.recognised) ? "" : ` ${percent(n.recognised)} of ${corpora[1]} are recognised.`}`);
    picture.setAttribute(
      "aria-label",
      `${points.length} utterances in a plane, ${sounding.length} of them to hear. ${text}`,
    );
    now.textContent = chosen < 0 ? "" : `${words(chosen)}.`;
    paint();
    address.write([which, colour, chosen].join("~"), touched);
    touched = true;
    own = true;
    for (const [name, value] of Object.entries({ chosen: maps[which].name, colour })) model.set(name, value);
    model.save_changes();
    own = false;
  }

  function choose(i) {
    if (i === chosen) return;
    if (chosen >= 0) marks[chosen].setAttribute("tabindex", "-1");
    chosen = i;
    marks[i].setAttribute("tabindex", "0");
    update();
  }

  function show() {
    scalings.set(maps[which].name);
    colours.set(colour);
    marks.forEach((g, i) => {
      if (points[i].audio) g.setAttribute("tabindex", i === chosen ? "0" : "-1");
    });
    update();
  }

  function fromModel() {
    if (own) return;
    which = Math.max(
      0,
      maps.findIndex((m) => m.name === model.get("chosen")),
    );
    colour = model.get("colour");
    show();
  }

  const given = (address.read() ?? "").split("~");
  if (
    given.length === 3 &&
    maps[given[0]] &&
    ["emotion", "corpus"].includes(given[1]) &&
    (points[given[2]]?.audio || given[2] === String(chosen))
  ) {
    [which, colour, chosen] = [Number(given[0]), given[1], Number(given[2])];
  }
  const events = ["change:chosen", "change:colour"];
  for (const event of events) model.on(event, fromModel);
  show();
  const end = redraw(stage, paint);
  return () => {
    end();
    sound.halt();
    for (const event of events) model.off(event, fromModel);
  };
}

export default explorable(render, ["points", "maps", "neighbours"]);
