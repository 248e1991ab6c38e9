// You against the model (guess.py). base.js stands before this text.

// How often each emotion (row) was taken for each (column), as tlmlda_lib.evaluation.confusion counts.
function confusion(truth, said, classes) {
  const table = classes.map(() => classes.map(() => 0));
  truth.forEach((t, i) => {
    if (said[i]) table[classes.indexOf(t)][classes.indexOf(said[i])] += 1;
  });
  return table;
}

const right = (truth, said) => truth.filter((t, i) => t === said[i]).length;
const clipsOf = (n) => `${n} ${n === 1 ? "clip" : "clips"}`;

function render({ model, el }) {
  el.classList.add("tl", "tl-guess");
  const audio = model.get("audio"),
    captions = model.get("captions"),
    classes = model.get("classes");
  const truth = model.get("truth"),
    predicted = model.get("predicted"),
    n = audio.length;
  const address = addressOf(model.get("address"));
  let guesses = [...model.get("guesses")],
    shown = model.get("shown"),
    at = 0,
    touched = false,
    own = false;

  const player = make("audio", { preload: "none", ended: quiet, error: () => player.src && failed() });
  const listen = make("button", {
    type: "button",
    class: "tl-listen",
    click: () => (player.paused ? play() : quiet()),
  });
  const choices = classes.map((c) =>
    make(
      "button",
      {
        type: "button",
        "aria-pressed": "false",
        "data-emotion": c,
        style: `--tl-mine: var(--tl-${c})`,
        click: () => guess(c),
      },
      make("span", { class: "tl-swatch", "aria-hidden": "true" }),
      c,
    ),
  );
  const steps = audio.map((_, i) =>
    make(
      "button",
      {
        type: "button",
        class: "tl-step",
        click: () => {
          at = i;
          play();
          update();
        },
      },
      String(i + 1),
    ),
  );
  const title = make("p", { class: "tl-title" });
  const verdict = make("p", { class: "tl-verdict" });
  const { element: summary, say } = announcer();
  const reveal = make(
    "button",
    {
      type: "button",
      click: () => {
        shown = true;
        quiet();
        update();
      },
    },
    "Show the answers",
  );
  const again = make(
    "button",
    {
      type: "button",
      click: () => {
        guesses = guesses.map(() => "");
        shown = false;
        at = 0;
        quiet();
        update();
      },
    },
    "Start again",
  );
  const result = make("div", { class: "tl-result" });

  el.append(
    make("div", { class: "tl-steps", role: "group", "aria-label": "Clips" }, ...steps),
    title,
    make(
      "div",
      { class: "tl-choices" },
      listen,
      make("div", { role: "group", "aria-label": "Which emotion was it?", class: "tl-five" }, ...choices),
    ),
    verdict,
    make("p", { class: "tl-controls" }, reveal, again, ...(address.link ? [address.link] : [])),
    summary,
    result,
    player,
  );

  function play() {
    player.src = `data:audio/mpeg;base64,${audio[at]}`;
    player.play().catch((error) => {
      if (error.name !== "AbortError") failed();
    });
    listen.textContent = "■ Stop";
  }
  function quiet() {
    player.pause();
    listen.textContent = "▶ Listen";
  }
  function failed() {
    quiet();
    say("This browser did not play the clip.");
  }

  // A guess leads on to the next clip that has none; it is played at once, for the reader has just pressed a button.
  function guess(emotion) {
    if (shown) return;
    const first = !guesses[at];
    guesses[at] = emotion;
    if (first) {
      const open = [...guesses.keys()].map((i) => (at + i) % n).find((i) => !guesses[i]);
      if (open === undefined) quiet();
      else {
        at = open;
        play();
      }
    }
    update();
  }

  // A matrix of counts; the diagonal is what was recognised.
  function matrix(who, said, mine) {
    const counts = confusion(
      truth.filter((_, i) => mine[i]),
      said.filter((_, i) => mine[i]),
      classes,
    );
    const hits = right(
        truth.filter((_, i) => mine[i]),
        said.filter((_, i) => mine[i]),
      ),
      all = mine.filter(Boolean).length;
    return make(
      "table",
      { "data-who": who },
      make(
        "caption",
        {},
        make("b", {}, who),
        ` recognised `,
        make("output", { "data-value": who, "data-exact": hits }, String(hits)),
        ` of ${all}`,
      ),
      make(
        "thead",
        {},
        make("tr", {}, make("td"), ...classes.map((c) => make("th", { scope: "col" }, make("span", {}, c)))),
      ),
      make(
        "tbody",
        {},
        ...classes.map((c, i) =>
          make(
            "tr",
            {},
            make("th", { scope: "row" }, c),
            ...classes.map((d, j) =>
              make(
                "td",
                { class: `${i === j ? "tl-hit" : ""} ${counts[i][j] ? "" : "tl-none"}`.trim() },
                String(counts[i][j]),
              ),
            ),
          ),
        ),
      ),
    );
  }

  function update() {
    const done = guesses.filter(Boolean).length,
      mine = guesses.map(Boolean);
    title.textContent = `Clip ${at + 1} of ${n}${guesses[at] ? `: you said ${guesses[at]}` : ""}`;
    verdict.textContent = shown ? `It is ${truth[at]}; the model says ${predicted[at]}. ${captions[at]}` : "";
    choices.forEach((b) => {
      b.setAttribute("aria-pressed", String(b.dataset.emotion === guesses[at]));
      b.disabled = shown;
    });
    steps.forEach((b, i) => {
      const mark = !shown
        ? guesses[i]
          ? "guessed"
          : "open"
        : guesses[i]
          ? guesses[i] === truth[i]
            ? "right"
            : "wrong"
          : "open";
      b.className = `tl-step tl-is-${mark}`;
      b.setAttribute("aria-label", `Clip ${i + 1}, ${mark}`);
      if (i === at) b.setAttribute("aria-current", "true");
      else b.removeAttribute("aria-current");
    });
    reveal.disabled = shown || !done;
    result.replaceChildren();
    if (shown && done) {
      const you = right(truth, guesses),
        same = truth.filter((_, i) => mine[i]);
      const it = right(
        same,
        predicted.filter((_, i) => mine[i]),
      );
      const alone = (a, b) => truth.filter((t, i) => mine[i] && a[i] === t && b[i] !== t).length;
      result.append(
        matrix("You", guesses, mine),
        matrix("The model", predicted, mine),
        make("p", { class: "tl-note" }, "A row is the emotion that was meant, a column what it was taken for."),
      );
      say(
        `You recognised ${you} of ${done}, the model ${it}; guessing evenly recognises about ${Number((done / classes.length).toFixed(1))}. ` +
          `You alone were right on ${clipsOf(alone(guesses, predicted))}, the model alone on ${clipsOf(alone(predicted, guesses))}.`,
      );
    } else if (done === n) say("All are guessed. The answers are one button away.");
    else say(`${done} of ${n} guessed.`);
    address.write(`${guesses.map((g) => g[0] ?? "-").join("")}${shown ? "!" : ""}`, touched);
    touched = true;
    own = true;
    model.set("guesses", [...guesses]);
    model.set("shown", shown);
    model.save_changes();
    own = false;
  }

  function fromModel() {
    if (own) return;
    guesses = [...model.get("guesses")];
    shown = model.get("shown");
    update();
  }

  const given = address.read() ?? "",
    letters = given.replace("!", "");
  if (letters.length === n && [...letters].every((l) => l === "-" || classes.some((c) => c[0] === l))) {
    guesses = [...letters].map((l) => classes.find((c) => c[0] === l) ?? "");
    shown = given.endsWith("!");
  }
  quiet();
  update();
  for (const event of ["change:guesses", "change:shown"]) model.on(event, fromModel);
  return () => {
    quiet();
    for (const event of ["change:guesses", "change:shown"]) model.off(event, fromModel);
  };
}

export default explorable(render, ["classes", "audio", "captions", "truth", "predicted"]);
