// Who is first by a few drawn seeds, and how often by all draws (how_many_seeds.py). base.js stands before this text.

const sum = (x) => x.reduce((s, v) => s + v, 0);

// Places of the methods, best first; of equal ones the earlier.
const order = (totals) => totals.map((_, i) => i).sort((a, b) => totals[b] - totals[a] || a - b);

// Every outcome of k draws with replacement: how often each seed came, and its probability.
function outcomes(seeds, k) {
  const factorial = [1];
  for (let i = 1; i <= k; i++) factorial.push(factorial[i - 1] * i);
  const found = [],
    ways = factorial[k] / seeds ** k;
  const split = (left, taken) => {
    if (taken.length === seeds - 1) {
      const times = [...taken, left];
      found.push([times, ways / times.reduce((p, n) => p * factorial[n], 1)]);
      return;
    }
    for (let n = 0; n <= left; n++) split(left - n, [...taken, n]);
  };
  split(k, []);
  return found;
}

// How often k seeds give the order of all seeds, and the same first: shares from 0 to 1. Where two are equal in a draw, it
// does not speak against the order of all seeds.
function held(units, k) {
  const whole = order(units.map(sum)),
    [best, ...rest] = whole;
  let sameOrder = 0,
    sameFirst = 0;
  for (const [times, share] of outcomes(units[0].length, k)) {
    const totals = units.map((row) => row.reduce((s, v, i) => s + v * times[i], 0));
    if (rest.every((b) => totals[best] >= totals[b])) {
      sameFirst += share;
      if (rest.every((b, i) => totals[whole[i]] >= totals[b])) sameOrder += share;
    }
  }
  return { order: sameOrder, first: sameFirst };
}

// The order that a draw gives; of equal ones the one that is before by all seeds.
function orderOf(totals, units) {
  const place = [];
  order(units.map(sum)).forEach((i, rank) => {
    place[i] = rank;
  });
  return totals.map((_, i) => i).sort((a, b) => totals[b] - totals[a] || place[a] - place[b]);
}

// The seeds of one draw, by their places: the same for the same number.
function drawn(seeds, k, number) {
  const next = random(7919 * number + k);
  return Array.from({ length: k }, () => Math.floor(next() * seeds));
}

const one = (v) => v.toFixed(1).replace("-", "−");
const percent = (share) => {
  const text = (100 * share).toFixed(0);
  if (share > 0 && text === "0") return "under 1 %";
  return share < 1 - 1e-9 && text === "100" ? "over 99 %" : `${text} %`;
};
const listed = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0]);

function render({ model, el }) {
  el.classList.add("tl", "tl-seeds");
  const schemeWords = (key, count) => (key === "mean" ? `mean of ${count} schemes` : model.get("scheme_words")[key]);
  const fields = ["methods", "scheme", "seeds", "draw"],
    data = model.get("data"),
    most = model.get("most");
  const address = addressOf(model.get("address"));
  const state = Object.fromEntries(fields.map((f) => [f, model.get(f)]));
  const synced = syncedState(model, address, state, fields, update);
  const counted = new Map();

  const here = () => data[state.methods].schemes[state.scheme];
  // How often over all draws, for every number of seeds; counted once.
  const curve = () => {
    const key = `${state.methods}.${state.scheme}`;
    if (!counted.has(key)) {
      const units = here().methods.map((m) => m.units);
      counted.set(
        key,
        Array.from({ length: most }, (_, i) => held(units, i + 1)),
      );
    }
    return counted.get(key);
  };

  const sets = Object.fromEntries(Object.entries(data).map(([k, s]) => [k, s.words]));
  const methods = choice({
    label: "Methods",
    options: sets,
    value: state.methods,
    change: (v) => {
      state.methods = v;
      if (!(state.scheme in data[v].schemes)) state.scheme = Object.keys(data[v].schemes)[0];
      update();
    },
  });
  methods.element.hidden = Object.keys(sets).length === 1;
  const schemePlace = make("div", { class: "tl-control" });
  let scheme, offered;
  const seeds = slider({
    label: "Seeds drawn",
    min: 1,
    max: most,
    step: 1,
    value: state.seeds,
    words: String,
    change: (v) => {
      state.seeds = v;
      update();
    },
  });
  const again = make(
    "button",
    {
      type: "button",
      click: () => {
        state.draw += 1;
        update();
      },
    },
    "Draw again",
  );
  const picked = make("p", { class: "tl-picked", "data-value": "picked" });
  const picture = make("svg:svg", { role: "img", class: "tl-rows" });
  const often = Object.fromEntries(["first", "order"].map((k) => [k, make("output", { "data-value": k })]));
  const line = (label, k) => make("p", { "data-row": k }, make("span", {}, label), often[k]);
  const curves = make("svg:svg", { role: "img", class: "tl-curves" });
  const { element: words, say } = announcer();
  const body = make("tbody");
  const table = make(
    "table",
    {},
    make("caption", { class: "tl-hidden" }, "Methods by the seeds drawn"),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        ...["", "method", "drawn", "all seeds", "place by all seeds"].map((h) => make("th", { scope: "col" }, h)),
      ),
    ),
    body,
  );
  const source = make("p", { class: "tl-aside", "data-value": "records" });
  el.append(
    make("div", { class: "tl-controls" }, methods.element, schemePlace, seeds.element, again),
    picked,
    make(
      "p",
      { class: "tl-aside", "aria-hidden": "true" },
      "◆ their mean   ❘ the mean of all seeds   ● drawn   ○ not drawn",
    ),
    picture,
    make(
      "div",
      { class: "tl-often" },
      line("The same first as by all seeds", "first"),
      line("The same whole order", "order"),
    ),
    curves,
    words,
    make(
      "details",
      {},
      make("summary", {}, "The numbers, and which records they are from"),
      make("div", { class: "tl-scroll" }, table),
      source,
    ),
    ...(address.link ? [make("p", {}, address.link)] : []),
  );

  const text = (t, x, y, extra = {}) => make("svg:text", { x, y, ...extra }, t);

  function paint() {
    const found = here(),
      k = state.seeds,
      n = found.full / 100;
    const width = Math.max(picture.clientWidth, 220),
      narrow = width < 520;
    const picks = drawn(found.seeds.length, k, state.draw);
    const totals = found.methods.map((m) => sum(picks.map((p) => m.units[p])));
    const all = found.methods.flatMap((m) => m.units).map((u) => u / n);
    const low = Math.floor(Math.min(...all) - 0.5),
      high = Math.ceil(Math.max(...all) + 0.5);
    const left = narrow ? 8 : Math.min(250, 24 + 7 * Math.max(...found.methods.map((m) => m.name.length)));
    const row = narrow ? 42 : 30,
      top = 22,
      height = top + row * found.methods.length + 30;
    const x = (v) => left + ((v - low) / (high - low)) * (width - left - 14);
    picture.style.height = `${height}px`;
    const parts = [text("recognised (%)", width - 14, 12, { "text-anchor": "end", class: "tl-title" })];
    const step = [1, 2, 5, 10, 20].find((s) => (high - low) / s <= (narrow ? 5 : 10)) ?? 50;
    for (let v = Math.ceil(low / step) * step; v <= high; v += step) {
      parts.push(
        make("svg:path", { class: "tl-grid", d: `M${x(v)} ${top}V${height - 26}` }),
        text(String(v), x(v), height - 8, { "text-anchor": "middle" }),
      );
    }
    orderOf(
      totals,
      found.methods.map((m) => m.units),
    ).forEach((i, place) => {
      const m = found.methods[i],
        y = top + row * (place + 0.5) + (narrow ? 8 : 0);
      const label = `${place + 1}. ${m.name}`;
      parts.push(
        narrow
          ? text(label, left, y - 12, { class: place ? "" : "tl-best" })
          : text(label, 0, y + 4, { class: place ? "" : "tl-best" }),
      );
      m.units.forEach((u, s) =>
        parts.push(
          make("svg:circle", {
            class: picks.includes(s) ? "tl-seed tl-in" : "tl-seed",
            cx: x(u / n).toFixed(1),
            cy: y,
            r: 3.5,
          }),
        ),
      );
      const whole = sum(m.units) / m.units.length / n,
        mean = totals[i] / k / n;
      parts.push(
        make("svg:path", { class: "tl-all", d: `M${x(whole).toFixed(1)} ${y - 9}v18` }),
        make("svg:path", { class: "tl-mean", d: `M${x(mean).toFixed(1)} ${y - 7}l6 7l-6 7l-6 -7z` }),
      );
    });
    picture.replaceChildren(...parts);
    paintCurves();
  }

  function paintCurves() {
    const found = curve(),
      width = Math.max(curves.clientWidth, 220),
      height = 170,
      left = 40,
      right = 14,
      top = 24,
      bottom = 34;
    const x = (k) => left + ((k - 1) / (most - 1)) * (width - left - right),
      y = (s) => height - bottom - s * (height - top - bottom);
    const parts = [text("of all draws (%)", 0, 12, { class: "tl-title" })];
    for (const v of [0, 0.5, 1])
      parts.push(
        make("svg:path", { class: "tl-grid", d: `M${left} ${y(v)}H${width - right}` }),
        text(String(100 * v), left - 6, y(v) + 4, { "text-anchor": "end" }),
      );
    for (const k of [1, 5, 10, 15, 20].filter((v) => v <= most))
      parts.push(text(String(k), x(k), height - bottom + 16, { "text-anchor": "middle" }));
    parts.push(text("seeds drawn", (left + width - right) / 2, height - 3, { "text-anchor": "middle" }));
    for (const kind of ["first", "order"])
      parts.push(
        make("svg:path", {
          class: `tl-${kind}`,
          d: found.map((h, i) => `${i ? "L" : "M"}${x(i + 1).toFixed(1)} ${y(h[kind]).toFixed(1)}`).join(""),
        }),
      );
    const now = found[state.seeds - 1];
    for (const kind of ["first", "order"])
      parts.push(
        make("svg:circle", {
          class: `tl-dot tl-${kind}`,
          cx: x(state.seeds).toFixed(1),
          cy: y(now[kind]).toFixed(1),
          r: 5,
        }),
      );
    curves.replaceChildren(...parts);
  }

  function update() {
    if (!(state.methods in data)) state.methods = Object.keys(data)[0];
    const schemes = data[state.methods].schemes;
    if (!(state.scheme in schemes)) state.scheme = Object.keys(schemes)[0];
    if (offered !== state.methods) {
      offered = state.methods;
      scheme = choice({
        label: "Scheme",
        options: Object.fromEntries(Object.keys(schemes).map((s) => [s, schemeWords(s, schemes[s].count)])),
        value: state.scheme,
        change: (v) => {
          state.scheme = v;
          update();
        },
      });
      schemePlace.replaceChildren(...scheme.element.childNodes);
    }
    methods.set(state.methods);
    scheme.set(state.scheme);
    seeds.set(state.seeds);
    const found = here(),
      k = state.seeds,
      n = found.full / 100;
    const picks = drawn(found.seeds.length, k, state.draw),
      now = curve()[k - 1];
    const totals = found.methods.map((m) => sum(picks.map((p) => m.units[p])));
    const whole = found.methods.map((m) => sum(m.units)),
      byAll = order(whole),
      byDraw = orderOf(
        totals,
        found.methods.map((m) => m.units),
      );
    const names = picks.map((p) => found.seeds[p]).sort((a, b) => a - b);
    picked.textContent = `${k === 1 ? "Seed" : "Seeds"} drawn: ${listed(names.map(String))}.`;
    picked.dataset.picks = names.join(" ");
    for (const kind of ["first", "order"]) {
      often[kind].value = percent(now[kind]);
      often[kind].dataset.exact = now[kind];
    }
    body.replaceChildren(
      ...byDraw.map((i, place) =>
        make(
          "tr",
          { "data-method": found.methods[i].name },
          make("td", {}, String(place + 1)),
          make("th", { scope: "row" }, found.methods[i].name),
          make("td", { "data-exact": totals[i] / k / n }, one(totals[i] / k / n)),
          make("td", { "data-exact": whole[i] / found.seeds.length / n }, one(whole[i] / found.seeds.length / n)),
          make("td", {}, String(byAll.indexOf(i) + 1)),
        ),
      ),
    );
    source.textContent = found.methods.map((m) => m.records).join(" ");
    const first = found.methods[byDraw[0]].name,
      always = found.methods[byAll[0]].name;
    const same = byDraw.every((i, place) => i === byAll[place]);
    const told =
      first === always
        ? `${first} is first, as by all ${found.seeds.length} seeds${same ? ", and so is the whole order" : ", and the order below is another"}.`
        : `${first} is first. By all ${found.seeds.length} seeds it would be ${always}.`;
    const sentence = `${told} Of all draws of ${k === 1 ? "one seed" : `${k} seeds`}, ${percent(now.first)} have the same first, ${percent(now.order)} the same order.`;
    say(sentence);
    picture.setAttribute(
      "aria-label",
      `${found.methods.length} methods in the order that the drawn seeds give them: ${byDraw.map((i) => `${found.methods[i].name} ${one(totals[i] / k / n)}`).join(", ")}. ${sentence}`,
    );
    curves.setAttribute(
      "aria-label",
      `How often the same method is first, and how often the whole order is the same, for 1 to ${most} seeds: first ${percent(curve()[0].first)} with one seed, ${percent(now.first)} with ${k}, ${percent(curve()[most - 1].first)} with ${most}; the order ${percent(curve()[0].order)}, ${percent(now.order)}, ${percent(curve()[most - 1].order)}.`,
    );
    paint();
    synced.written(fields.map((f) => state[f]).join("."));
  }

  const asked = address.read()?.match(/^(\w+)\.(\w+)\.(\d{1,2})\.(\d{1,4})$/);
  if (asked) {
    const [, m, s, k, d] = asked;
    if (m in data && s in data[m].schemes && Number(k) >= 1 && Number(k) <= most && Number(d) >= 1)
      Object.assign(state, { methods: m, scheme: s, seeds: Number(k), draw: Number(d) });
  }
  update();
  const stop = redraw(el, paint);
  return () => {
    stop();
    synced.end();
  };
}

export default explorable(render, ["data", "scheme_words", "most"]);
