// Voice dials (voice_dials.py). base.js and clips.js stand before this text.

const DIALS = { pitch: "Pitch", rate: "Rate", loudness: "Loudness", quality: "Voice" };
// Name, unit, digits, and how much more or less than the speaker's own way it is: words, or nothing.
const ROWS = [
  ["pitch", "pitch", "Hz", 0, (v, own) => unit(signed(12 * Math.log2(v / own), 1), "semitones")],
  ["range", "pitch range", "semitones", 1, (v, own) => signed(v - own, 1)],
  ["rate", "rate", "syllables/s", 1, (v, own) => unit(signed(100 * (v / own - 1), 0), "%")],
  ["level", "level", "dB", 1, (v, own) => signed(v - own, 1)],
  ["harmonicity", "harmonicity", "dB", 1, (v, own) => signed(v - own, 1)],
  ["shimmer", "shimmer", "dB", 2, (v, own) => signed(v - own, 2)],
  ["brightness", "brightness", "dB", 1, (v, own) => signed(v - own, 1)],
];

const minus = (v, digits) => v.toFixed(digits).replace("-", "−");
const signed = (v, digits) => {
  const text = minus(v, digits);
  return Number(v.toFixed(digits)) === 0 ? "0" : v > 0 ? `+${text}` : text;
};

const unit = (text, words) => (text === "0" ? text : `${text} ${words}`);

function render({ model, el }) {
  el.classList.add("tl", "tl-dials");
  const clips = model.get("clips"),
    options = model.get("options"),
    said = model.get("said");
  const address = addressOf(model.get("address"));
  const names = Object.keys(DIALS),
    scales = scalesOf(Object.values(clips));
  const own = clips["own.own.own"];
  const order = {
    pitch: ["low", "own", "high"],
    rate: ["slow", "own", "fast"],
    loudness: ["soft", "own", "loud"],
    quality: ["breathy", "own", "rough"],
  };
  const loudest = Math.max(...order.loudness.map(decibels));
  let dials = { ...model.get("dials") },
    touched = false,
    mine = false,
    context,
    source;

  function decibels(way) {
    return options.loudness[way].loudness ?? 0;
  }
  const clip = () => clips[["pitch", "rate", "quality"].map((n) => dials[n]).join(".")];
  const numbers = () => ({ ...clip().numbers, level: clip().numbers.level + decibels(dials.loudness) });
  // What the page turns down; the clips are as loud as the dial's loudest.
  const gain = () => 10 ** ((decibels(dials.loudness) - loudest) / 20);

  const fields = Object.fromEntries(
    names.map((n) => [
      n,
      radio({
        label: DIALS[n],
        options: Object.fromEntries(order[n].map((w) => [w, w])),
        value: dials[n],
        change: (v) => {
          dials = { ...dials, [n]: v };
          update();
          play();
        },
      }),
    ]),
  );
  for (const n of names) fields[n].element.dataset.dial = n;

  const button = make("button", { type: "button", click: () => (source ? stop() : play()) }, "▶ Play");
  const reset = make(
    "button",
    {
      type: "button",
      click: () => {
        dials = Object.fromEntries(names.map((n) => [n, "own"]));
        show();
        play();
      },
    },
    "The speaker's own way",
  );
  const large = make("svg:svg", { class: "tl-large", role: "img" });
  const outputs = Object.fromEntries(
    ROWS.map(([n]) => [n, { now: make("output", { "data-value": n }), more: make("span") }]),
  );
  const table = make(
    "table",
    {},
    make("caption", { class: "tl-hidden" }, "What is measured"),
    make(
      "thead",
      {},
      make("tr", {}, ...["measured", "now", "own way", "difference"].map((w) => make("th", { scope: "col" }, w))),
    ),
    make(
      "tbody",
      {},
      ...ROWS.map(([n, words, unit, digits]) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, `${words}, `, make("span", {}, unit)),
          make("td", {}, outputs[n].now),
          make("td", {}, minus(own.numbers[n], digits)),
          make("td", {}, outputs[n].more),
        ),
      ),
    ),
  );
  const { element: summary, say } = announcer();
  const code = make("pre", { tabindex: "0", "aria-label": "Python code" });

  el.append(
    make("p", { class: "tl-text" }, `“${said.text}”`),
    make("div", { class: "tl-fields" }, ...names.map((n) => fields[n].element)),
    make("p", { class: "tl-controls" }, button, reset),
    large,
    make("p", { class: "tl-help" }, "Strong line: the pitch as it is said now. Dashed: the speaker's own way."),
    table,
    summary,
    ...(address.link ? [make("p", {}, address.link)] : []),
    make("details", {}, make("summary", {}, "This voice in Python"), code),
  );

  // A browser lets a page sound only after the reader has done something, so the device is opened here.
  async function play() {
    stop();
    try {
      context ??= new AudioContext();
      const chosen = clip(),
        level = gain();
      chosen.bytes ??= Uint8Array.from(atob(chosen.audio), (c) => c.charCodeAt(0));
      chosen.sound ??= await context.decodeAudioData(chosen.bytes.buffer.slice(0));
      await context.resume();
      if (chosen !== clip() || level !== gain()) return;
      stop();
      const volume = new GainNode(context, { gain: level });
      source = new AudioBufferSourceNode(context, { buffer: chosen.sound });
      source.connect(volume).connect(context.destination);
      source.onended = ended;
      source.start();
      el.dataset.playing = `${["pitch", "rate", "quality"].map((n) => dials[n]).join(".")} ${level.toFixed(4)}`;
      button.textContent = "■ Stop";
    } catch {
      say("This browser did not play the clip.");
    }
  }
  function ended() {
    source = undefined;
    delete el.dataset.playing;
    button.textContent = "▶ Play";
  }
  function stop() {
    if (!source) return;
    source.onended = null;
    source.stop();
    ended();
  }

  const draw = () =>
    enlargeClip(large, el.clientWidth - 32, scales, (width, height) => [
      waveOf(clip(), width, height, scales, gain()),
      pitchOf(own, width, height, scales, "tl-own"),
      pitchOf(clip(), width, height, scales),
    ]);

  function update() {
    const now = numbers();
    for (const [n, , , digits, more] of ROWS) {
      outputs[n].now.value = minus(now[n], digits);
      outputs[n].now.dataset.exact = now[n];
      outputs[n].more.textContent = more(now[n], own.numbers[n]);
    }
    const turned = names.filter((n) => dials[n] !== "own").map((n) => dials[n]);
    const words = `${turned.length ? turned.join(", ") : "the speaker's own way"}: ${now.pitch.toFixed(0)} Hz, ${now.rate.toFixed(1)} syllables a second, ${minus(now.level, 0)} dB, harmonicity ${now.harmonicity.toFixed(1)} dB`;
    say(`${words[0].toUpperCase()}${words.slice(1)}.`);
    large.setAttribute("aria-label", `Waveform and pitch, ${words}`);
    const manner = Object.assign({}, ...names.map((n) => options[n][dials[n]]));
    const more = Object.entries(manner)
      .map(([k, v]) => `, ${k}=${v}`)
      .join("");
    code.textContent = `from tlmlda_lib import corpora
from tlmlda_lib.features import prosody

text = ${JSON.stringify(said.text)}
sound, rate = corpora.speak(text, "${said.language}", "${said.voice}"${more})
numbers = prosody.measure(sound, rate, syllables=${said.syllables})
print(numbers)`;
    draw();
    address.write(names.map((n) => dials[n]).join("."), touched);
    touched = true;
    mine = true;
    model.set("dials", { ...dials });
    model.set("numbers", now);
    model.save_changes();
    mine = false;
  }

  function show() {
    for (const n of names) fields[n].set(dials[n]);
    update();
  }

  function fromModel() {
    if (mine) return;
    take(Object.values(names.map((n) => model.get("dials")[n])));
    show();
  }

  function take(ways) {
    if (ways.length === names.length && ways.every((w, i) => order[names[i]].includes(w)))
      dials = Object.fromEntries(names.map((n, i) => [n, ways[i]]));
  }

  take((address.read() ?? "").split("."));
  show();
  model.on("change:dials", fromModel);
  const end = redraw(el, draw);
  return () => {
    end();
    stop();
    context?.close();
    model.off("change:dials", fromModel);
  };
}

export default explorable(render, ["clips", "said", "options"]);
