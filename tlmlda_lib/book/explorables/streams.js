// An utterance as a hum, as a whisper and whole (stream_ears.py). base.js stands before this text.

const NAMES = { hum: "Hum", whisper: "Whisper", whole: "Whole" };
const KEPT = { pitch: "pitch", level: "loudness", shape: "timbre" };
const RANGE = 30,
  LEAST = 10,
  SHARE = 0.2;

const minus = (text) => text.replace("-", "−");
const mean = (x) => x.reduce((s, v) => s + v, 0) / x.length;

// Pearson's correlation; null where fewer than ten values tell, or one side never changes.
function correlation(x, y) {
  if (x.length < LEAST) return null;
  const mx = mean(x),
    my = mean(y);
  let xy = 0,
    xx = 0,
    yy = 0;
  x.forEach((v, i) => {
    xy += (v - mx) * (y[i] - my);
    xx += (v - mx) ** 2;
    yy += (y[i] - my) ** 2;
  });
  return xx && yy ? xy / Math.sqrt(xx * yy) : null;
}

// How well a version follows the whole, as tlmlda_lib.book.stream_sounds.kept; and the median pitch, where there is a voice.
function kept(whole, other) {
  const voiced = [...whole.pitch.keys()].filter((i) => whole.pitch[i] > 0),
    both = voiced.filter((i) => other.pitch[i] > 0);
  const top = Math.max(...whole.level),
    heard = [...whole.shape.keys()].filter((i) => whole.level[2 * i] > top - RANGE);
  const shapes = whole.shape[0].map((_, c) =>
    correlation(
      heard.map((i) => whole.shape[i][c]),
      heard.map((i) => other.shape[i][c]),
    ),
  );
  return {
    hertz: both.length < SHARE * voiced.length ? null : middle(other.pitch),
    pitch:
      both.length < SHARE * voiced.length
        ? null
        : correlation(
            both.map((i) => Math.log(whole.pitch[i])),
            both.map((i) => Math.log(other.pitch[i])),
          ),
    level: correlation(whole.level, other.level),
    shape: shapes.includes(null) ? null : mean(shapes),
  };
}

function middle(pitch) {
  const voiced = pitch.filter((f) => f > 0).sort((a, b) => a - b),
    n = voiced.length;
  return n < LEAST ? null : (voiced[Math.floor((n - 1) / 2)] + voiced[Math.ceil((n - 1) / 2)]) / 2;
}

function render({ model, el }) {
  el.classList.add("tl", "tl-ears");
  const clips = model.get("clips"),
    classes = model.get("classes"),
    ears = model.get("ears");
  const EARS = Object.keys(ears),
    n = clips.length,
    fields = ["clip", "ear", "guesses", "shown"];
  const address = addressOf(model.get("address"));
  const state = {
    clip: model.get("clip"),
    ear: model.get("ear"),
    guesses: [...model.get("guesses")],
    shown: model.get("shown"),
  };
  const synced = syncedState(model, address, state, fields, update);
  const measures = new Map();

  const at = (clip, ear) => EARS.length * clip + EARS.indexOf(ear);
  const open = (clip) => EARS.find((ear) => !state.guesses[at(clip, ear)]);
  const known = (clip) => state.shown || !open(clip);

  const player = make("audio", { preload: "none", ended: quiet, error: () => player.src && failed() });
  const steps = clips.map((_, i) =>
    make(
      "button",
      { type: "button", class: "tl-step", "data-clip": i, click: () => go(i, open(i) ?? "whole") },
      String(i + 1),
    ),
  );
  const buttons = EARS.map((ear) =>
    make("button", {
      type: "button",
      "data-ear": ear,
      click: () => (state.ear === ear && !player.paused ? quiet() : go(state.clip, ear)),
    }),
  );
  const choices = classes.map((c) =>
    make(
      "button",
      { type: "button", "data-emotion": c, style: `--tl-mine: var(--tl-${c})`, click: () => guess(c) },
      make("span", { class: "tl-swatch", "aria-hidden": "true" }),
      c,
    ),
  );
  const canvas = make("canvas", { role: "img" });
  const ends = make("span");
  const title = make("p", { class: "tl-title" }),
    verdict = make("p", { class: "tl-verdict" });
  const { element: summary, say } = announcer();
  const reveal = make(
    "button",
    {
      type: "button",
      click: () => {
        state.shown = true;
        quiet();
        update();
      },
    },
    "Show all answers",
  );
  const next = make(
    "button",
    {
      type: "button",
      click: () => {
        const to = following();
        go(to, open(to) ?? "whole");
      },
    },
    "Next clip",
  );
  const again = make(
    "button",
    {
      type: "button",
      click: () => {
        Object.assign(state, { clip: 0, ear: EARS[0], guesses: state.guesses.map(() => ""), shown: false });
        quiet();
        update();
      },
    },
    "Start again",
  );
  const keeps = make("tbody"),
    score = make("tbody");
  const head = (...names) =>
    make("thead", {}, make("tr", {}, make("td"), ...names.map((name) => make("th", { scope: "col" }, name))));

  el.append(
    make("div", { class: "tl-steps", role: "group", "aria-label": "Clips" }, ...steps),
    title,
    make("div", { class: "tl-three", role: "group", "aria-label": "Hear it as" }, ...buttons),
    make(
      "figure",
      {},
      make(
        "div",
        { class: "tl-frame" },
        make("span", { "aria-hidden": "true" }, make("span", {}, "4 kHz"), make("span", {}, "0")),
        canvas,
      ),
      make(
        "figcaption",
        { "aria-hidden": "true" },
        make("span", {}, "0 s"),
        make("span", {}, "stronger is louder"),
        ends,
      ),
    ),
    make("div", { class: "tl-five", role: "group", "aria-label": "Which emotion is it?" }, ...choices),
    verdict,
    make("p", { class: "tl-controls" }, next, reveal, again, ...(address.link ? [address.link] : [])),
    summary,
    make(
      "div",
      { class: "tl-result" },
      make(
        "table",
        { "data-table": "kept" },
        make("caption", {}, "How well each follows the whole of this clip: 1 is exactly, about 0 is not at all"),
        head("pitch, Hz", ...Object.values(KEPT)),
        keeps,
      ),
      make(
        "table",
        { "data-table": "score" },
        make("caption", {}, "Your guesses, where the answer is shown"),
        head("right", "guessed", "by chance"),
        score,
      ),
    ),
    player,
  );

  const following = () =>
    [...clips.keys()].map((i) => (state.clip + 1 + i) % n).find((i) => open(i) && !state.shown) ?? (state.clip + 1) % n;

  function go(clip, ear) {
    Object.assign(state, { clip, ear });
    update();
    player.src = `data:audio/mpeg;base64,${clips[clip].versions[ear].audio}`;
    player.play().catch((error) => {
      if (error.name !== "AbortError") failed();
    });
    label(true);
  }
  function quiet() {
    player.pause();
    label(false);
  }
  function failed() {
    quiet();
    say("This browser did not play the clip.");
  }
  function label(playing) {
    buttons.forEach((b, i) => {
      const mine = EARS[i] === state.ear;
      b.replaceChildren(
        make("b", {}, `${mine && playing ? "■" : "▶"} ${NAMES[EARS[i]]}`),
        make("small", {}, ears[EARS[i]]),
      );
      b.setAttribute("aria-pressed", String(mine));
    });
  }

  // A guess leads on to the next way to hear the clip; it is played at once, for the reader has just pressed a button.
  function guess(emotion) {
    if (known(state.clip)) return;
    const first = !state.guesses[at(state.clip, state.ear)];
    state.guesses = state.guesses.map((g, i) => (i === at(state.clip, state.ear) ? emotion : g));
    const left = open(state.clip);
    if (first && left) go(state.clip, left);
    else {
      if (!left) quiet();
      update();
    }
  }

  function measured(clip, ear) {
    const key = at(clip, ear);
    if (!measures.has(key)) {
      const { versions } = clips[clip];
      measures.set(key, kept(versions.whole, versions[ear]));
    }
    return measures.get(key);
  }

  function paint() {
    const clip = clips[state.clip],
      bytes = Uint8Array.from(atob(clip.versions[state.ear].picture), (c) => c.charCodeAt(0));
    const rows = clip.rows,
      columns = bytes.length / rows,
      ink = rgb(el, "--tl-ink"),
      ground = rgb(el, "--tl-ground");
    Object.assign(canvas, { width: columns, height: rows });
    const context = canvas.getContext("2d"),
      image = context.createImageData(columns, rows);
    for (let r = 0; r < rows; r += 1) {
      for (let c = 0; c < columns; c += 1) {
        const share = bytes[(rows - 1 - r) * columns + c] / 255;
        image.data.set([...ink.map((v, k) => share * v + (1 - share) * ground[k]), 255], 4 * (r * columns + c));
      }
    }
    context.putImageData(image, 0, 0);
    ends.textContent = `${clip.seconds.toFixed(1)} s`;
    const { hertz } = measured(state.clip, state.ear);
    canvas.setAttribute(
      "aria-label",
      `Sound by time and frequency, ${NAMES[state.ear].toLowerCase()} of clip ${state.clip + 1}: ${
        {
          hum: "even stripes that rise and fall together",
          whisper: "dark patches in grey grain, and no stripes",
          whole: "stripes that rise and fall, dark where the mouth lets them through",
        }[state.ear]
      }; ${hertz === null ? "no pitch" : `pitch around ${hertz.toFixed(0)} Hz`}.`,
    );
  }

  // A correlation between two sounds with all its digits at hand.
  const cell = (name, v, digits) =>
    make(
      "td",
      {},
      make("output", { "data-value": name, "data-exact": v ?? "" }, v === null ? "none" : minus(v.toFixed(digits))),
    );

  function update() {
    const clip = clips[state.clip],
      told = known(state.clip),
      mine = state.guesses[at(state.clip, state.ear)];
    steps.forEach((b, i) => {
      const guessed = EARS.filter((ear) => state.guesses[at(i, ear)]).length;
      const mark = known(i) ? "answer shown" : guessed ? `guessed ${guessed} of ${EARS.length} times` : "open";
      b.setAttribute("aria-label", `Clip ${i + 1}, ${mark}`);
      b.classList.toggle("tl-known", known(i));
      if (i === state.clip) b.setAttribute("aria-current", "true");
      else b.removeAttribute("aria-current");
    });
    label(!player.paused);
    title.textContent = `Clip ${state.clip + 1} of ${n}, ${clip.corpus}: the ${NAMES[state.ear].toLowerCase()}${mine ? `. You said ${mine}` : ""}`;
    choices.forEach((b) => {
      b.setAttribute("aria-pressed", String(b.dataset.emotion === mine));
      b.disabled = told;
    });
    const said = EARS.map((ear) => [ear, state.guesses[at(state.clip, ear)]])
      .filter(([, g]) => g)
      .map(([ear, g]) => `${ear}: ${g} ${g === clip.emotion ? "✓" : "✗"}`)
      .join(", ");
    verdict.textContent = told ? `It is ${clip.emotion}.${said ? ` You said, ${said}.` : ""} ${clip.caption}` : "";
    reveal.disabled = state.shown;

    keeps.replaceChildren(
      ...EARS.map((ear) => {
        const m = measured(state.clip, ear);
        return make(
          "tr",
          { "data-row": ear, class: ear === state.ear ? "tl-now" : "" },
          make("th", { scope: "row" }, NAMES[ear]),
          cell("hertz", m.hertz, 0),
          ...Object.keys(KEPT).map((k) => cell(k, m[k], 2)),
        );
      }),
    );
    const total = { right: 0, done: 0 };
    const parts = [];
    score.replaceChildren(
      ...EARS.map((ear) => {
        const done = [...clips.keys()].filter((i) => known(i) && state.guesses[at(i, ear)]);
        const right = done.filter((i) => state.guesses[at(i, ear)] === clips[i].emotion).length;
        total.right += right;
        total.done += done.length;
        parts.push(`${right} of ${done.length} by the ${NAMES[ear].toLowerCase()}`);
        return make(
          "tr",
          { "data-row": ear },
          make("th", { scope: "row" }, NAMES[ear]),
          ...[
            ["right", right, 0],
            ["guessed", done.length, 0],
            ["chance", done.length / classes.length, 1],
          ].map(([name, v, digits]) => cell(name, v, digits)),
        );
      }),
    );
    if (total.done) say(`${told ? `It is ${clip.emotion}. ` : ""}Right so far: ${parts.join(", ")}.`);
    else say(`Listen, and say what you hear: first in the hum, then in the whisper, then in the whole.`);
    paint();
    synced.written(
      `${state.clip + 1}.${state.ear}.${state.guesses.map((g) => g[0] ?? "-").join("")}${state.shown ? "!" : ""}`,
    );
  }

  const [number, ear, letters = ""] = (address.read() ?? "").split("."),
    bare = letters.replace("!", "");
  if (
    Number(number) >= 1 &&
    Number(number) <= n &&
    Number.isInteger(Number(number)) &&
    EARS.includes(ear) &&
    bare.length === n * EARS.length &&
    [...bare].every((l) => l === "-" || classes.some((c) => c[0] === l))
  ) {
    Object.assign(state, {
      clip: Number(number) - 1,
      ear,
      guesses: [...bare].map((l) => classes.find((c) => c[0] === l) ?? ""),
      shown: letters.endsWith("!"),
    });
  }
  update();
  const end = redraw(canvas, paint);
  return () => {
    end();
    quiet();
    synced.end();
  };
}

export default explorable(render, ["classes", "ears", "clips"]);
