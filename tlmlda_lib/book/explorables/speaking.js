// Say it yourself (say_it.py). base.js, microphone.js and takes.js stand before this text.

const SIDES = { corpus: "the training corpus", own: "earlier takes of the same voice" };
const PATIENCE = 30; // seconds that the kernel may be silent

const percent = (p) => `${(100 * p).toFixed(0)} %`;
// The softmax of the same scores divided by the temperature.
function tempered(p, temperature) {
  const scores = p.map((v) => Math.log(Math.max(v, 1e-300)) / temperature),
    most = Math.max(...scores);
  const powers = scores.map((s) => Math.exp(s - most)),
    sum = powers.reduce((a, b) => a + b);
  return powers.map((v) => v / sum);
}

// Where a recording goes, as far as this page can know.
function whither(where) {
  const host = location.hostname,
    near = ["localhost", "127.0.0.1", "[::1]"].includes(host);
  if (where)
    return `The kernel runs on ${where}, which is a computer elsewhere: what you record leaves this one and goes there. What its owner keeps, this page cannot know.`;
  if (near)
    return "The kernel answers at this computer's own address: what you record goes from the browser to it and no farther. (If that address is a tunnel to another computer, it goes there.)";
  return `The kernel ${host ? `answers behind ${host}` : "may run anywhere"}: if that is another computer than this one, what you record leaves this one and goes there.`;
}

function render({ model, el }) {
  el.classList.add("tl", "tl-say");
  const address = addressOf(model.get("address")),
    still = matchMedia("(prefers-reduced-motion: reduce)");
  const fields = ["shown", "statistics", "temperature"],
    state = Object.fromEntries(fields.map((f) => [f, model.get(f)]));
  const made = model.get("clips"),
    takes = [];
  const all = () => [...made, ...takes];
  let mine = null; // the reader's take that is shown, in place of the made clip
  const current = () => mine ?? made.find((c) => c.name === state.shown) ?? made[0];
  const sideOf = (clip) => clip.view.by[state.statistics];

  // What is shown

  const chooser = make("div");
  const player = make("audio", {
    preload: "none",
    ended: halt,
    error: () => player.src && tell("This browser did not play the clip."),
  });
  const play = make("button", { type: "button", click: () => (player.paused ? start() : halt()) }, "Play");
  let frame = 0;
  const statistics = radio({
    label: "Beside",
    value: state.statistics,
    options: SIDES,
    change: (v) => {
      state.statistics = v;
      update();
    },
  });
  const heat = slider({
    label: "Temperature",
    min: 0.5,
    max: 10,
    step: 0.5,
    value: state.temperature,
    words: (v) => v.toFixed(1),
    change: (v) => {
      state.temperature = v;
      update();
    },
  });
  const caption = make("p", { class: "tl-caption" });
  const contour = make("svg:svg", { role: "img" }),
    cursor = make("svg:path", { class: "tl-cursor" });
  const cloud = make("svg:svg", { role: "img" });
  const names = Object.keys(made[0].view.by.corpus.probabilities),
    streams = Object.keys(made[0].view.by.corpus.attention);
  const rows = Object.fromEntries(
    names.map((name) => {
      const bar = make("div", { class: "tl-bar", style: `--tl-mine: var(--tl-${name})` }),
        output = make("output", { "data-value": "probability", "data-emotion": name });
      return [
        name,
        {
          bar,
          output,
          element: make(
            "tr",
            {},
            make("th", { scope: "row" }, name),
            make("td", { class: "tl-track" }, bar),
            make("td", {}, output),
          ),
        },
      ];
    }),
  );
  const shares = Object.fromEntries(
    streams.map((name) => {
      const output = make("output", { "data-value": "attention", "data-stream": name });
      return [name, { output, element: make("div", { class: "tl-share" }, `${name} `, output) }];
    }),
  );
  const tally = make("p", { class: "tl-tally", "data-value": "tally" });
  const missing = make("p", { class: "tl-missing", hidden: true });
  const numbers = make(
    "div",
    {},
    make("table", {}, make("caption", {}, "What it says"), make("tbody", {}, ...names.map((n) => rows[n].element))),
    make("p", { class: "tl-head" }, "Attention to the streams"),
    make("div", { class: "tl-shares" }, ...streams.map((n) => shares[n].element)),
  );
  const { element: summary, say } = announcer();

  // What a kernel adds

  const notice = make("p", { class: "tl-where" });
  const news = make("p", { class: "tl-news", role: "status" });
  const tell = (words) => {
    news.textContent = words;
  };
  const button = make(
    "button",
    { type: "button", class: "tl-record", click: () => (stopping ? stopping() : begin()) },
    "Record",
  );
  const meter = make("meter", {
    min: 0,
    max: 1,
    low: 0.15,
    high: 0.93,
    optimum: 0.5,
    value: 0,
    "aria-label": "Level of the microphone",
  });
  const clock = make("span", { class: "tl-clock" });
  const file = make("input", { type: "file", accept: "audio/*,.wav", change: upload });
  const remove = make("button", { type: "button", hidden: true, click: () => forget(mine) }, "Delete this take");
  const removeAll = make("button", { type: "button", click: () => forget(null) }, "Delete all takes");
  const live = make(
    "div",
    { class: "tl-live", hidden: true },
    make(
      "div",
      { class: "tl-controls" },
      button,
      meter,
      clock,
      make("label", { class: "tl-file" }, "or a sound file ", file),
    ),
    make(
      "p",
      {},
      "Your own voice, or that of someone who has agreed; one sentence, ten seconds at most. ",
      make("strong", {}, "It will be wrong about you:"),
      " it was trained on synthetic voices only. At work and in education, inferring emotions is prohibited in the European Union, but for medical and safety reasons.",
    ),
    notice,
    make(
      "p",
      {},
      "No file is written: this page keeps the sound, the kernel keeps numbers of it, until you delete the take, or close the page and stop the kernel.",
    ),
    make("div", { class: "tl-controls" }, remove, removeAll),
  );
  const without = make(
    "p",
    { class: "tl-without" },
    "Here the voices are made. With a kernel (JupyterLab, Binder or Colab) a button to record your own appears in this place.",
  );

  el.append(
    make("div", { class: "tl-controls" }, chooser, play),
    make("div", { class: "tl-controls" }, statistics.element, heat.element),
    caption,
    make(
      "div",
      { class: "tl-body" },
      make("div", {}, contour, cloud),
      make("div", {}, numbers, missing, tally, summary, ...(address.link ? [make("p", {}, address.link)] : [])),
    ),
    without,
    live,
    news,
    player,
  );

  let x = () => 0;
  function paint() {
    const clip = current(),
      width = contour.parentElement.clientWidth;
    if (!width) return;
    x = drawContour(contour, clip.view, width, cursor);
    drawCloud(cloud, clip.view, sideOf(clip), width);
  }

  const shareOf = (side) => {
    const p = tempered(
        names.map((n) => side.probabilities[n]),
        state.temperature,
      ),
      best = p.indexOf(Math.max(...p));
    return { p, best: names[best], sure: p[best] };
  };

  // The lists of what can be chosen, anew when they are no longer what they were.
  function list() {
    chooser.replaceChildren(
      radio({
        label: "Take",
        value: current().name,
        options: Object.fromEntries(all().map((c) => [c.name, c.name])),
        change: choose,
      }).element,
    );
    statistics.set(state.statistics);
    remove.hidden = !mine;
  }

  function update({ byReader = true } = {}) {
    const clip = current(),
      side = sideOf(clip);
    caption.textContent = clip.caption;
    missing.hidden = Boolean(side.z);
    missing.textContent = side.problem ?? "";
    numbers.hidden = !side.z;
    let words = side.problem ?? "";
    if (side.z) {
      const { p, best, sure } = shareOf(side);
      names.forEach((n, i) => {
        rows[n].bar.style.width = `${100 * p[i]}%`;
        rows[n].output.value = percent(p[i]);
        rows[n].output.dataset.exact = p[i];
        rows[n].element.classList.toggle("tl-chosen", n === best);
      });
      for (const n of streams) {
        shares[n].output.value = percent(side.attention[n]);
        shares[n].output.dataset.exact = side.attention[n];
        shares[n].element.style.flexGrow = side.attention[n];
      }
      words = `${clip.name}, beside ${SIDES[state.statistics]}: it says ${best}, ${percent(sure)}.${clip.meant ? ` Meant was ${clip.meant}.` : clip.meant === "" ? "" : " Nobody spoke."}`;
    }
    const asked = made.filter((c) => c.meant && sideOf(c).z),
      answers = asked.map((c) => [c, shareOf(sideOf(c))]);
    const right = answers.filter(([c, a]) => c.meant === a.best).length,
      sure = answers.reduce((s, [, a]) => s + a.sure, 0) / answers.length;
    tally.hidden = !asked.length;
    tally.dataset.right = right;
    tally.dataset.sure = sure;
    tally.textContent = asked.length
      ? `Of the ${asked.length} made takes that were meant as something, ${right} ${right === 1 ? "is" : "are"} named right. On average it is ${percent(sure)} sure.`
      : "";
    say(words);
    paint();
    if (mine) return; // what the reader says is in no address, and in no notebook's file
    state.shown = clip.name;
    if (!byReader) return;
    sync.written([made.indexOf(clip), state.statistics, state.temperature].join("~"));
  }
  const sync = syncedState(model, address, state, fields, () => {
    mine = null;
    heat.set(state.temperature);
    list();
    update({ byReader: false });
  });

  function choose(name) {
    halt();
    mine = takes.find((t) => t.name === name) ?? null;
    if (!mine) state.shown = name;
    remove.hidden = !mine;
    update();
  }

  function start() {
    const clip = current();
    player.src = clip.url ?? `data:audio/mpeg;base64,${clip.audio}`;
    play.textContent = "Stop";
    player.play().catch((error) => {
      if (error.name !== "AbortError") {
        halt();
        tell("This browser did not play the clip.");
      }
    });
    if (!still.matches) follow();
  }
  function follow() {
    cursor.setAttribute("d", `M${x(player.currentTime).toFixed(1)} 8V104`);
    frame = requestAnimationFrame(follow);
  }
  function halt() {
    cancelAnimationFrame(frame);
    player.pause();
    cursor.setAttribute("d", "");
    play.textContent = "Play";
  }

  // The kernel

  const me = unique("say");
  let count = 0,
    stopping = null,
    waiting = null,
    gone = false,
    patience;
  const send = (content, buffers) => {
    try {
      model.send({ ...content, view: me }, undefined, buffers);
    } catch {
      tell("There is no way to the kernel any more. Run the cell again.");
    }
  };

  async function begin() {
    const no = unable();
    if (no) return tell(no);
    halt();
    button.disabled = true;
    try {
      stopping = await record({
        // From −60 dB to full scale.
        level: (peak, seconds) => {
          meter.value = Math.max(0, 1 + Math.log10(Math.max(peak, 1e-3)) / 3);
          clock.textContent = `${seconds.toFixed(1)} s`;
        },
        ended: (samples, error) => {
          stopping = null;
          meter.value = 0;
          clock.textContent = "";
          button.textContent = "Record";
          el.classList.remove("tl-on");
          if (error) tell(because(error));
          else if (!gone) hand(samples);
        },
      });
      if (gone) return stopping();
      button.textContent = "Stop";
      el.classList.add("tl-on");
      tell("Recording.");
    } catch (error) {
      tell(because(error));
    }
    button.disabled = false;
  }

  async function upload() {
    const [chosen] = file.files;
    if (!chosen) return;
    try {
      hand(await decoded(await chosen.arrayBuffer()));
    } catch {
      tell("This browser cannot read that file as sound: a WAV file is safest.");
    }
    file.value = "";
  }

  function hand(samples) {
    if (samples.length > (LONGEST + 0.5) * RATE)
      return tell(
        `That lasts ${(samples.length / RATE).toFixed(1)} seconds: one sentence is enough, ${LONGEST} seconds at most.`,
      );
    waiting = { id: ++count, samples };
    tell("Measuring.");
    clearTimeout(patience);
    patience = setTimeout(
      () =>
        tell(
          `The kernel has said nothing for ${PATIENCE} seconds. It may be busy with another cell, or stopped; if it answers, the take appears.`,
        ),
      1000 * PATIENCE,
    );
    send({ kind: "take", id: count, rate: RATE }, [samples.buffer]);
  }

  // Deleted is what is gone on both sides, so the page says so when the kernel has said so.
  function forget(take) {
    halt();
    player.removeAttribute("src");
    for (const one of take ? [take] : [...takes]) {
      URL.revokeObjectURL(one.url);
      takes.splice(takes.indexOf(one), 1);
    }
    waiting = take ? waiting : null;
    mine = null;
    list();
    update();
    tell("Deleted here; the kernel is asked to forget its numbers.");
    send({ kind: "forget", take: take?.view.take ?? null });
  }

  function heard(message) {
    if (message.kind === "pong") {
      notice.textContent = whither(message.where);
      live.hidden = false;
      without.hidden = true;
      return;
    }
    if (message.view !== me) return;
    if (message.kind === "forgotten") return tell("Deleted, here and in the kernel.");
    if (message.id !== waiting?.id) return;
    clearTimeout(patience);
    const { id, samples } = waiting;
    waiting = null;
    if (message.kind === "problem") return tell(`Take ${id} was not used: ${message.words}`);
    const url = URL.createObjectURL(new Blob([wavOf(samples)], { type: "audio/wav" }));
    mine = { name: `my take ${id}`, caption: "Your own.", meant: "", url, view: message.answer };
    takes.push(mine);
    tell(`Take ${id}: ${mine.view.seconds.toFixed(1)} seconds.${mine.view.warning ? ` ${mine.view.warning}` : ""}`);
    list();
    update();
  }
  model.on("msg:custom", heard);

  const [place, side, temperature, more] = (address.read() ?? "").split("~");
  if (more === undefined && made[place] && SIDES[side] && Number(temperature) >= 0.5 && Number(temperature) <= 10) {
    Object.assign(state, { shown: made[place].name, statistics: side, temperature: Number(temperature) });
    heat.set(state.temperature);
  }
  list();
  update();
  const end = redraw(contour.parentElement, paint);
  send({ kind: "ping" });
  return () => {
    gone = true;
    end();
    halt();
    clearTimeout(patience);
    stopping?.();
    sync.end();
    model.off("msg:custom", heard);
    takes.forEach((t) => URL.revokeObjectURL(t.url));
  };
}

export default explorable(render, ["clips"]);
