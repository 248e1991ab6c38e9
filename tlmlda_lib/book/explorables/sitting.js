// Hear the corpora (hear.py). base.js and clips.js stand before this text.

const WIDTH = 160,
  HEIGHT = 56;
const distinct = (list) => [...new Set(list)];

function render({ model, el }) {
  el.classList.add("tl", "tl-hear");
  const clips = model.get("clips"),
    address = addressOf(model.get("address"));
  const emotions = distinct(clips.map((c) => c.emotion)),
    corpora = distinct(clips.map((c) => c.corpus));
  const scales = scalesOf(clips),
    { longest } = scales;
  const name = (c) => `${c.emotion}.${c.corpus}`;
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const player = make("audio", { preload: "none", ended: next, error: () => player.src && failed() });
  const { element: summary, say } = announcer();
  const cells = new Map(); // clip: {button, cursor}
  let queue = [],
    playing = null,
    chosen = null,
    frame = 0;

  function cell(clip) {
    const cursor = make("svg:line", { class: "tl-cursor", y1: 0, y2: HEIGHT });
    const picture = make(
      "svg:svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      waveOf(clip, WIDTH, HEIGHT, scales),
      pitchOf(clip, WIDTH, HEIGHT, scales),
      cursor,
    );
    const button = make(
      "button",
      {
        type: "button",
        tabindex: "-1",
        "aria-label": `${clip.emotion}, ${clip.corpus}: play`,
        "data-clip": name(clip),
        style: `--tl-mine: var(--tl-${clip.emotion})`,
        click: () => (playing === clip ? stop() : play([clip])),
        keydown: (event) => keys(event, clip),
      },
      picture,
    );
    cells.set(clip, { button, cursor });
    return button;
  }

  const find = (emotion, corpus) => clips.find((c) => c.emotion === emotion && c.corpus === corpus);
  const several = (words, list) =>
    make(
      "button",
      {
        type: "button",
        class: "tl-several",
        "aria-label": `Play ${words}, one after another`,
        click: () => play(list),
      },
      "▶",
    );
  const table = make(
    "table",
    {},
    make("caption", { class: "tl-hidden" }, "Clips by emotion and corpus"),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("td"),
        ...corpora.map((corpus) =>
          make(
            "th",
            { scope: "col" },
            `${corpus} `,
            several(
              `all of ${corpus}`,
              clips.filter((c) => c.corpus === corpus),
            ),
          ),
        ),
      ),
    ),
    make(
      "tbody",
      {},
      ...emotions.map((emotion) =>
        make(
          "tr",
          {},
          make(
            "th",
            { scope: "row", style: `--tl-mine: var(--tl-${emotion})` },
            make("span", { class: "tl-swatch", "aria-hidden": "true" }),
            `${emotion} `,
            several(
              `${emotion} in every corpus`,
              clips.filter((c) => c.emotion === emotion),
            ),
          ),
          ...corpora.map((corpus) => {
            const clip = find(emotion, corpus);
            return make("td", {}, clip ? cell(clip) : "none");
          }),
        ),
      ),
    ),
  );

  const large = make("svg:svg", { class: "tl-large", role: "img" });
  const caption = make("figcaption");
  const figure = make("figure", {}, large, caption);
  el.append(
    make(
      "p",
      { class: "tl-help" },
      "Press a clip to hear it, again to stop. Arrow keys move in the grid, Enter plays, Escape stops. ▶ plays a row or a column, one clip after another.",
    ),
    make("div", { class: "tl-scroll" }, table),
    figure,
    summary,
    player,
    make(
      "p",
      {},
      make("button", { type: "button", click: stop }, "Stop"),
      ...(address.link ? [" ", address.link] : []),
    ),
  );

  // One tab stop for the grid: the chosen clip.
  function choose(clip, { focus = false, byReader = true } = {}) {
    if (chosen) cells.get(chosen).button.tabIndex = -1;
    chosen = clip;
    const { button } = cells.get(clip);
    button.tabIndex = 0;
    for (const [c, { button: b }] of cells) b.classList.toggle("tl-chosen", c === clip);
    if (focus) button.focus();
    large.style.setProperty("--tl-mine", `var(--tl-${clip.emotion})`);
    large.setAttribute("aria-label", `Waveform and pitch of ${clip.emotion}, ${clip.corpus}: ${clip.words}`);
    enlarge();
    caption.textContent = `${clip.emotion}, ${clip.corpus}, ${clip.seconds.toFixed(1)} s: ${clip.words}.${clip.caption ? ` ${clip.caption}` : ""}`;
    address.write(name(clip), byReader);
    model.set("chosen", name(clip));
    model.save_changes();
  }

  function fromModel() {
    const clip = clips.find((c) => name(c) === model.get("chosen"));
    if (clip && clip !== chosen) choose(clip, { byReader: false });
  }

  const enlarge = () =>
    enlargeClip(large, el.clientWidth - 32, scales, (width, height) => [
      waveOf(chosen, width, height, scales),
      pitchOf(chosen, width, height, scales),
    ]);

  function keys(event, clip) {
    const row = emotions.indexOf(clip.emotion),
      column = corpora.indexOf(clip.corpus);
    const [dr, dc] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [
      0, 0,
    ];
    if (event.key === "Escape") stop();
    if (!dr && !dc) return;
    event.preventDefault();
    for (let r = row + dr, c = column + dc; emotions[r] && corpora[c]; r += dr, c += dc) {
      const found = find(emotions[r], corpora[c]);
      if (found) return choose(found, { focus: true });
    }
  }

  function play(list) {
    stop();
    queue = [...list];
    next();
  }

  function next() {
    halt();
    const clip = queue.shift();
    if (!clip) return;
    playing = clip;
    choose(clip);
    const { button } = cells.get(clip);
    button.classList.add("tl-playing");
    button.setAttribute("aria-label", `${clip.emotion}, ${clip.corpus}: stop`);
    say(`${clip.emotion}, ${clip.corpus}: ${clip.words}.`);
    player.src = `data:audio/mpeg;base64,${clip.audio}`;
    player.play().catch((error) => {
      if (error.name !== "AbortError") failed();
    });
    if (!still.matches) follow();
  }

  function follow() {
    if (!playing) return;
    const x = (WIDTH * player.currentTime) / longest,
      { cursor } = cells.get(playing);
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    frame = requestAnimationFrame(follow);
  }

  function halt() {
    cancelAnimationFrame(frame);
    player.pause();
    if (!playing) return;
    const { button } = cells.get(playing);
    button.classList.remove("tl-playing");
    button.setAttribute("aria-label", `${playing.emotion}, ${playing.corpus}: play`);
    playing = null;
  }

  function stop() {
    queue = [];
    halt();
  }
  function failed() {
    stop();
    say("This browser did not play the clip.");
  }

  choose(clips.find((c) => name(c) === (address.read() || model.get("chosen"))) ?? clips[0], { byReader: false });
  model.on("change:chosen", fromModel);
  const end = redraw(el, enlarge);
  return () => {
    end();
    stop();
    model.off("change:chosen", fromModel);
  };
}

export default explorable(render, ["clips"]);
