// The motion of features (feature_motion.py). base.js stands before this text.

const SHAPES = {
  source: (r) => make("svg:circle", { r }),
  target: (r) => make("svg:path", { d: `M0 ${-1.3 * r}L${1.3 * r} 0L0 ${1.3 * r}L${-1.3 * r} 0Z` }),
};
const COLOURS = { predicted: "by what the network says", true: "by true emotion", domain: "by domain" };
const LINES = {
  predicted: "neighbours of the same predicted emotion",
  head: "the same, named by random heads",
  true: "neighbours of the same true emotion",
  war: "recognised (WAR)",
};
const percent = (v) => `${(100 * v).toFixed(1)} %`;

// Places of all epochs: 16 bits for each of x and y.
function places(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)),
    view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => view.getInt16(2 * i, true));
}

// The share of pairs of distinct things that have one name: what neighbours share where names are dealt at random.
function chanceOf(names) {
  const counts = {},
    n = names.length;
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return Object.values(counts).reduce((s, c) => s + c * (c - 1), 0) / (n * (n - 1));
}

function render({ model, el }) {
  el.classList.add("tl", "tl-corpora", "tl-motion");
  const points = model.get("points"),
    emotions = model.get("emotions"),
    k = model.get("neighbours");
  const address = addressOf(model.get("address")),
    n = points.length;
  const targets = points.flatMap((p, i) => (p.domain === "target" ? [i] : []));
  const sounding = points.flatMap((p, i) => (p.audio ? [i] : []));
  const chanceTrue = chanceOf(targets.map((i) => points[i].emotion));
  const runs = model.get("runs").map((run) => {
    const said = run.predicted.map((row) => [...row].map((c) => emotions[c]));
    return {
      ...run,
      said,
      xy: places(run.xy),
      last: said.length - 1,
      war: said.map((row) => targets.filter((i) => row[i] === points[i].emotion).length / targets.length),
      chance: said.map((row) => chanceOf(targets.map((i) => row[i]))),
    };
  });
  let which = Math.max(
      0,
      runs.findIndex((r) => r.name === model.get("run")),
    ),
    epoch = model.get("epoch"),
    colour = model.get("colour");
  let fit = model.get("magnify"),
    chosen = sounding[0] ?? -1,
    timer = 0,
    own = false,
    touched = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  function words(i) {
    const p = points[i],
      said = runs[which].said[epoch][i];
    return `${p.emotion}, ${p.domain}${p.caption ? `, ${p.caption}` : ""}; the network says ${said}`;
  }

  // The plane
  const marks = points.map((p, i) =>
    make(
      "svg:g",
      p.audio
        ? { class: "tl-one", role: "button", tabindex: "-1", keydown: (e) => sound.keys(e, i), focus: () => choose(i) }
        : { class: "tl-mute", "aria-hidden": "true" },
      SHAPES[p.domain](p.audio ? 6 : 3.4),
    ),
  );
  // Those that can be heard lie on top.
  const picture = make(
    "svg:svg",
    { role: "group", click: (e) => sound.point(e) },
    ...marks.filter((_, i) => !points[i].audio),
    ...sounding.map((i) => marks[i]),
  );
  const stage = make("div", { class: "tl-plane" }, picture);

  // Controls
  const step = slider({
    label: "Epoch",
    min: 0,
    max: runs[which].last,
    step: 1,
    value: epoch,
    words: (v) => (v ? String(v) : "0, untrained"),
    change: (v) => {
      pause();
      epoch = v;
      update();
    },
  });
  const button = make(
    "button",
    { type: "button", "data-value": "play", click: () => (timer ? pause() : play()) },
    "Play",
  );
  const which_ =
    runs.length > 1
      ? radio({
          label: "Trained",
          value: runs[which].name,
          options: Object.fromEntries(runs.map((r) => [r.name, r.name])),
          change: (v) => {
            which = runs.findIndex((r) => r.name === v);
            epoch = Math.min(epoch, runs[which].last);
            update();
          },
        })
      : null;
  const colours = radio({
    label: "Colour",
    value: colour,
    options: COLOURS,
    change: (v) => {
      colour = v;
      update();
    },
  });
  const id = unique("fit"),
    box = make("input", {
      type: "checkbox",
      id,
      change: () => {
        fit = box.checked;
        update();
      },
    });
  const frame = make(
    "div",
    { class: "tl-control" },
    box,
    make("label", { for: id }, "magnify each epoch to fill the frame"),
  );
  const magnified = make("span", { class: "tl-magnified" });

  // Numbers and their course
  const rows = {
    war: "Of the target: recognised (WAR)",
    predicted: `Of a target point's ${k} nearest in z: same predicted emotion`,
    true: `Of the same ${k}: same true emotion`,
    mmd: "MMD², all recordings",
    lmmd: "LMMD², all recordings",
  };
  const outputs = Object.fromEntries(Object.keys(rows).map((name) => [name, make("output", { "data-value": name })]));
  // Two baselines: predictions are read off z, so a random head's are, too; true emotions do not depend on z.
  const chances = Object.fromEntries(
    ["predicted", "true"].map((name) => [name, make("output", { "data-value": `chance-${name}` })]),
  );
  const head = make("output", { "data-value": "head" }),
    cell = (...inside) => make("td", {}, ...inside);
  const table = make(
    "table",
    { class: "tl-shares" },
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("td"),
        ...["here", "random head", "names dealt"].map((text) => make("th", { scope: "col" }, text)),
      ),
    ),
    make(
      "tbody",
      {},
      ...Object.entries(rows).map(([name, text]) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, text),
          cell(outputs[name]),
          cell(...(name === "predicted" ? [head] : [])),
          cell(...(chances[name] ? [chances[name]] : [])),
        ),
      ),
    ),
  );
  const lines = Object.fromEntries(
    Object.keys(LINES).map((name) => [name, make("svg:path", { class: `tl-line tl-line-${name}` })]),
  );
  const cursor = make("svg:line", { class: "tl-now", y1: 0, y2: 100 });
  const course = make(
    "svg:svg",
    { class: "tl-course", viewBox: "-1 -2 202 104", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...[0, 50, 100].map((v) => make("svg:line", { class: "tl-grid", x1: 0, x2: 200, y1: 100 - v, y2: 100 - v })),
    ...Object.values(lines),
    cursor,
  );
  const courses = make(
    "div",
    { class: "tl-courses" },
    make(
      "div",
      { class: "tl-axis", "aria-hidden": "true" },
      ...["100 %", "50 %", "0 %"].map((t) => make("span", {}, t)),
    ),
    course,
  );
  const legend = make(
    "p",
    { class: "tl-key" },
    ...Object.entries(LINES).map(([name, text]) =>
      make(
        "span",
        {},
        make(
          "svg:svg",
          { class: "tl-stroke", viewBox: "0 0 24 8", "aria-hidden": "true" },
          make("svg:path", { class: `tl-line tl-line-${name}`, d: "M0 4H24" }),
        ),
        ` ${text}`,
      ),
    ),
  );

  const key = make("p", { class: "tl-key" }),
    now = make("p", { class: "tl-current" });
  const { element: summary, say } = announcer();
  const sound = soundingMarks({ clips: points, sounding, marks, picture, at: (i) => at(i), choose, say });
  el.append(
    make("div", { class: "tl-controls" }, ...(which_ ? [which_.element] : []), colours.element),
    make("div", { class: "tl-controls tl-time" }, button, step.element, frame),
    make(
      "p",
      { class: "tl-help" },
      "Press a large mark to hear it. Arrow keys go from mark to mark, Enter plays, Escape stops. ",
      magnified,
    ),
    stage,
    key,
    make(
      "div",
      { class: "tl-body" },
      make("div", {}, table),
      make("div", {}, courses, legend, now, summary, ...(address.link ? [make("p", {}, address.link)] : [])),
    ),
    sound.player,
  );

  let at = () => [0, 0];
  function paint() {
    const width = stage.clientWidth,
      height = Math.min(440, Math.max(300, width * 0.62)),
      edge = 16;
    if (!width) return;
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    picture.style.height = `${height}px`;
    const { xy, last } = runs[which];
    const extent = (from, to) => {
      const ends = [Infinity, -Infinity, Infinity, -Infinity];
      for (let i = from; i < to; i += 2) {
        ends[0] = Math.min(ends[0], xy[i]);
        ends[1] = Math.max(ends[1], xy[i]);
        ends[2] = Math.min(ends[2], xy[i + 1]);
        ends[3] = Math.max(ends[3], xy[i + 1]);
      }
      const scale = Math.min(
        (width - 2 * edge) / (ends[1] - ends[0] || 1),
        (height - 2 * edge) / (ends[3] - ends[2] || 1),
      );
      return { scale, x: (ends[0] + ends[1]) / 2, y: (ends[2] + ends[3]) / 2 };
    };
    const all = extent(0, 2 * n * (last + 1)),
      view = fit ? extent(2 * n * epoch, 2 * n * (epoch + 1)) : all;
    at = (i) => {
      const j = 2 * (n * epoch + i);
      return [width / 2 + view.scale * (xy[j] - view.x), height / 2 - view.scale * (xy[j + 1] - view.y)];
    };
    marks.forEach((g, i) => {
      const [a, b] = at(i);
      g.style.transform = `translate(${a.toFixed(1)}px, ${b.toFixed(1)}px)`;
    });
    magnified.textContent = `One plane for all epochs, which holds ${Math.round(100 * runs[which].share)} % of their spread${fit ? `; magnified ${(view.scale / all.scale).toFixed(1)} times` : ""}.`;
  }

  function update() {
    const run = runs[which],
      said = run.said[epoch];
    marks.forEach((g, i) => {
      const name = colour === "domain" ? points[i].domain : colour === "true" ? points[i].emotion : said[i];
      if (g.dataset.name !== name) {
        g.dataset.name = name;
        g.style.setProperty("--tl-mine", `var(--tl-${name})`);
      }
      g.classList.toggle("tl-chosen", i === chosen);
      if (points[i].audio) {
        g.setAttribute("tabindex", i === chosen ? "0" : "-1");
        g.setAttribute("aria-label", words(i));
      }
    });
    const swatch = (variable, domain) =>
      make(
        "svg:svg",
        {
          class: "tl-swatch",
          viewBox: "-8 -8 16 16",
          "aria-hidden": "true",
          style: `--tl-mine: var(--tl-${variable})`,
        },
        SHAPES[domain](5),
      );
    const item = (s, text) => make("span", {}, s, ` ${text}`);
    key.replaceChildren(
      ...(colour === "domain"
        ? ["source", "target"].map((d) => item(swatch(d, d), d))
        : [
            ...emotions.map((e) => item(swatch(e, "source"), e)),
            item(swatch("ink", "source"), "source"),
            item(swatch("ink", "target"), "target"),
          ]),
    );
    const values = {
      war: run.war[epoch],
      ...Object.fromEntries(Object.entries(run.numbers).map(([name, list]) => [name, list[epoch]])),
    };
    for (const name of Object.keys(rows)) {
      outputs[name].value = name.endsWith("mmd") ? values[name].toFixed(3) : percent(values[name]);
      outputs[name].dataset.exact = values[name];
    }
    for (const [name, value] of Object.entries({ predicted: run.chance[epoch], true: chanceTrue })) {
      chances[name].value = percent(value);
      chances[name].dataset.exact = value;
    }
    head.value = percent(values.head);
    head.dataset.exact = values.head;
    const x = (e) => (200 * e) / (run.last || 1);
    for (const name of Object.keys(LINES)) {
      const list = name === "war" ? run.war : run.numbers[name];
      lines[name].setAttribute(
        "d",
        `M${list.map((v, e) => `${x(e).toFixed(1)} ${(100 * (1 - v)).toFixed(1)}`).join("L")}`,
      );
    }
    cursor.setAttribute("x1", x(epoch));
    cursor.setAttribute("x2", x(epoch));
    step.set(epoch);
    const text = `${run.name}, ${epoch ? `after epoch ${epoch}` : "before training"}: ${percent(values.war)} recognised; of a target point's neighbours ${percent(values.predicted)} share its predicted emotion (random heads: ${percent(values.head)}) and ${percent(values.true)} its true one.`;
    if (!timer) say(text);
    picture.setAttribute(
      "aria-label",
      `${n} recordings in a plane, ${sounding.length} of them to hear, coloured ${COLOURS[colour]}. ${text}`,
    );
    now.textContent = chosen < 0 ? "" : `${words(chosen)}.`;
    paint();
    address.write([which, epoch, colour, chosen, fit ? 1 : 0].join("~"), touched && !timer);
    touched = true;
    own = true;
    for (const [name, value] of Object.entries({ run: run.name, epoch, colour, magnify: fit })) model.set(name, value);
    model.save_changes();
    own = false;
  }

  // The film
  function play() {
    const pace = still.matches ? 900 : 420;
    stage.style.setProperty("--tl-pace", `${pace}ms`);
    if (epoch === runs[which].last) epoch = 0;
    timer = setInterval(() => {
      epoch += 1;
      if (epoch >= runs[which].last) {
        epoch = runs[which].last;
        pause();
      }
      update();
    }, pace);
    stage.classList.add("tl-running");
    button.textContent = "Pause";
    update();
  }

  function pause() {
    const was = timer;
    clearInterval(timer);
    timer = 0;
    stage.classList.remove("tl-running");
    button.textContent = "Play";
    if (was) update();
  }

  function choose(i) {
    if (i === chosen) return;
    chosen = i;
    update();
  }

  function show() {
    which_?.set(runs[which].name);
    colours.set(colour);
    box.checked = fit;
    update();
  }

  function fromModel() {
    if (own) return;
    which = Math.max(
      0,
      runs.findIndex((r) => r.name === model.get("run")),
    );
    epoch = Math.max(0, Math.min(runs[which].last, model.get("epoch")));
    colour = model.get("colour");
    fit = model.get("magnify");
    show();
  }

  const given = (address.read() ?? "").split("~"),
    whole = (v) => /^\d+$/.test(v ?? "");
  if (
    given.length === 5 &&
    whole(given[0]) &&
    runs[given[0]] &&
    whole(given[1]) &&
    given[1] <= runs[given[0]].last &&
    COLOURS[given[2]] &&
    (points[given[3]]?.audio || given[3] === String(chosen)) &&
    ["0", "1"].includes(given[4])
  ) {
    [which, epoch, colour, chosen, fit] = [
      Number(given[0]),
      Number(given[1]),
      given[2],
      Number(given[3]),
      given[4] === "1",
    ];
  }
  const events = ["change:run", "change:epoch", "change:colour", "change:magnify"];
  for (const event of events) model.on(event, fromModel);
  show();
  const end = redraw(stage, paint);
  return () => {
    end();
    pause();
    sound.halt();
    for (const event of events) model.off(event, fromModel);
  };
}

export default explorable(render, ["points", "runs", "emotions", "neighbours"]);
