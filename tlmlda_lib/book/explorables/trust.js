// Whom a network trusts, and what it says without each stream (who_to_trust.py). base.js stands before this text.

const ARRIVES = { noise: "with noise", telephone: "by telephone", room: "from a room" };
const isLevel = (name) => name === "studio" || name.startsWith("noise");
const level = (name) => (name === "studio" ? "none" : `${name.slice(5) || 10} dB`);
const inWords = (name) =>
  name === "studio" ? "as recorded" : name.startsWith("noise") ? `in noise, ${level(name)}` : (ARRIVES[name] ?? name);

// How far the probabilities move when each stream is left out: half the sum of the differences.
const missedOf = ({ p }) => p.slice(1).map((without) => without.reduce((s, v, i) => s + Math.abs(v - p[0][i]), 0) / 2);
const largest = (x) => x.indexOf(Math.max(...x));
const percent = (v) => `${Math.round(100 * v)} %`;

function render({ model, el }) {
  el.classList.add("tl", "tl-trust");
  const { streams, classes, recordings, clips } = model.get("data"),
    address = addressOf(model.get("address"));
  const fields = ["clip", "recording", "out"],
    state = Object.fromEntries(fields.map((f) => [f, model.get(f)]));
  const synced = syncedState(model, address, state, fields, update);
  const levels = recordings.filter(isLevel),
    ways = ["noise", ...recordings.filter((r) => !isLevel(r))];

  const player = make("audio", { preload: "none", ended: halt, error: () => player.src && failed() });
  const { element: words, say } = announcer();
  let playing = false;
  const pick = (f) => (v) => {
    state[f] = v;
    update();
  };
  const which = choice({
    label: "Clip",
    options: Object.fromEntries(clips.map((c, i) => [i, c.caption ? `${c.emotion}: ${c.caption}` : c.emotion])),
    value: String(state.clip),
    change: (v) => pick("clip")(Number(v)),
  });
  const way = radio({
    label: "It arrives",
    options: Object.fromEntries(ways.map((w) => [w, ARRIVES[w] ?? w])),
    value: "noise",
    change: (w) => pick("recording")(w === "noise" ? levels[0] : w),
  });
  const noise = slider({
    label: "Noise",
    min: 0,
    max: levels.length - 1,
    step: 1,
    value: 0,
    words: (i) => level(levels[i]),
    change: (i) => pick("recording")(levels[i]),
  });
  const button = make(
    "button",
    { type: "button", class: "tl-play", click: () => (playing ? halt() : play()) },
    "▶ Play",
  );

  const title = make("p", { class: "tl-which", "data-value": "said" });
  const bar = (name) => make("span", { class: `tl-bar tl-${name}`, "aria-hidden": "true" }, make("span"));
  const saidRows = classes.map((c) => {
    const output = make("output", { "data-class": c }),
      shape = bar("p"),
      name = make("span");
    return {
      output,
      shape,
      name,
      row: make(
        "tr",
        { style: `--tl-mine: var(--tl-${c})` },
        make("th", { scope: "row" }, name),
        make("td", { class: "tl-long" }, shape),
        make("td", {}, output),
      ),
    };
  });
  const streamRows = streams.map((s) => {
    const weight = make("output", { "data-weight": s }),
      missed = make("output", { "data-missed": s }),
      without = make("output", { "data-without": s });
    const bars = [bar("weight"), bar("missed")];
    const leave = make(
      "button",
      { type: "button", "aria-pressed": "false", "data-out": s, click: () => pick("out")(state.out === s ? "" : s) },
      "leave out",
    );
    leave.setAttribute("aria-label", `leave out ${s}`);
    const row = make(
      "tr",
      {},
      make("th", { scope: "row" }, s),
      make("td", { class: "tl-long" }, bars[0], bars[1]),
      make("td", {}, weight, make("br"), missed),
      make("td", {}, without),
      make("td", {}, leave),
    );
    return { weight, missed, without, bars, leave, row };
  });
  const caption = make("caption");
  const said = make("table", { class: "tl-said" }, caption, make("tbody", {}, ...saidRows.map((r) => r.row)));
  const trusted = make(
    "table",
    { class: "tl-streams" },
    make(
      "caption",
      {},
      "Streams: ",
      make("span", { class: "tl-key tl-weight" }, "trusted"),
      ", ",
      make("span", { class: "tl-key tl-missed" }, "missed when left out"),
    ),
    make(
      "thead",
      { class: "tl-hidden" },
      make(
        "tr",
        {},
        ...["stream", "bars", "trusted, then missed", "said without it", "leave it out"].map((t) =>
          make("th", { scope: "col" }, t),
        ),
      ),
    ),
    make("tbody", {}, ...streamRows.map((r) => r.row)),
  );
  const tally = make("p", { class: "tl-aside", "data-value": "tally" });
  el.append(
    make("div", { class: "tl-controls" }, which.element, way.element, noise.element, button),
    title,
    make("div", { class: "tl-two" }, said, trusted),
    words,
    tally,
    player,
    ...(address.link ? [make("p", {}, address.link)] : []),
  );

  const every = clips.flatMap((c) => recordings.map((r) => c.heard[r]));
  const agree = every.filter((h) => largest(h.weights[0]) === largest(missedOf(h))).length;
  tally.textContent = `Of the ${every.length} sounds on this page, ${agree} miss the stream most that they trust most.`;
  tally.dataset.exact = agree;

  function play() {
    playing = true;
    button.textContent = "■ Stop";
    player.src = `data:audio/mpeg;base64,${clips[state.clip].heard[state.recording].audio}`;
    el.dataset.playing = `${state.clip}.${state.recording}`;
    player.play().catch((error) => {
      if (error.name !== "AbortError") failed();
    });
  }
  function halt() {
    player.pause();
    playing = false;
    button.textContent = "▶ Play";
    delete el.dataset.playing;
  }
  function failed() {
    halt();
    say("This browser did not play the clip.");
  }

  const wide = (shape, v, ghost) => {
    shape.firstChild.style.width = `${100 * v}%`;
    shape.style.setProperty("--tl-ghost", ghost === undefined ? "0%" : `${100 * ghost}%`);
    shape.classList.toggle("tl-with-ghost", ghost !== undefined);
  };

  function update() {
    const clip = clips[state.clip],
      heard = clip.heard[state.recording],
      { p, weights } = heard;
    const at = streams.indexOf(state.out) + 1,
      missed = missedOf(heard),
      names = p.map((row) => classes[largest(row)]);
    which.set(String(state.clip));
    const byNoise = isLevel(state.recording);
    way.set(byNoise ? "noise" : state.recording);
    noise.set(byNoise ? levels.indexOf(state.recording) : 0);
    noise.element.querySelector("input").disabled = !byNoise;

    saidRows.forEach(({ output, shape, name }, c) => {
      wide(shape, p[at][c], at ? p[0][c] : undefined);
      output.value = percent(p[at][c]);
      output.dataset.exact = p[at][c];
      name.textContent = classes[c] + (classes[c] === clip.emotion ? " (true)" : "");
      name.parentElement.parentElement.classList.toggle("tl-named", classes[c] === names[at]);
    });
    streamRows.forEach(({ weight, missed: miss, without, bars, leave }, k) => {
      wide(bars[0], weights[at][k]);
      wide(bars[1], missed[k]);
      weight.value = percent(weights[at][k]);
      weight.dataset.exact = weights[at][k];
      miss.value = percent(missed[k]);
      miss.dataset.exact = missed[k];
      without.value = names[k + 1] === names[0] ? `still ${names[0]}` : `then ${names[k + 1]}`;
      without.classList.toggle("tl-changed", names[k + 1] !== names[0]);
      leave.setAttribute("aria-pressed", String(state.out === streams[k]));
    });
    caption.textContent = at ? `What it says without ${state.out}; outlined: with all` : "What it says";
    title.textContent = `${clip.emotion}, ${inWords(state.recording)}${at ? `, without ${state.out}` : ""}: the network says ${names[at]}.`;
    title.dataset.named = names[at];
    const most = largest(weights[0]),
      worst = largest(missed);
    const verdict =
      names[most + 1] === names[0]
        ? `without it the answer is still ${names[0]}`
        : `without it the answer is ${names[most + 1]}`;
    say(
      `${title.textContent} ${at ? "With all of them it" : "It"} trusts ${streams[most]} most, ${percent(weights[0][most])}; ${verdict}. It misses ${streams[worst]} most, whose weight is ${percent(weights[0][worst])}.`,
    );
    if (playing && el.dataset.playing !== `${state.clip}.${state.recording}`) play();
    synced.written([state.clip, state.recording, state.out].join("."));
  }

  const [c, r, o = ""] = (address.read() ?? "").split(".");
  if (/^\d+$/.test(c) && clips[Number(c)] && recordings.includes(r) && ["", ...streams].includes(o))
    Object.assign(state, { clip: Number(c), recording: r, out: o });
  update();
  return () => {
    synced.end();
    halt();
  };
}

export default explorable(render, ["data"]);
