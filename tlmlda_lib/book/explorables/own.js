// Which scaling for one's own recordings (scaling_chooser.py). base.js stands before this text.

const CHOICES = {
  corpora: ["There is", { two: "a labelled corpus, and mine", one: "mine alone" }],
  labels: ["My emotions", { known: "labelled", none: "not labelled" }],
  names: ["My speakers", { known: "named", none: "not named" }],
  voices: ["Voices", { both: "women and men", one: "women alone, or men alone" }],
};
const SCALINGS = { corpus: "each corpus", voices: "each voice", speaker: "each speaker" };
const PRESETS = { corpus: "zscore", voices: "voices", speaker: "speaker" };
const NUMBERS = { free: "any number", signs: "1 or −1", zeros: "0" };

// What the library raises, word for word.
const ERRORS = {
  unscored: "the target has no labels, so there is no score: fit the method and use its predict",
  unpaired: "the source has no recordings of a common emotion: give other corpora",
  single: "the source has one class, 'anger': recordings of at least two emotions are needed",
};

// The speaker of each recording of mine, dealt in turn; without names all are one.
const speakersOf = ({ names, speakers, recordings }) =>
  Array.from({ length: recordings }, (_, i) => (names === "known" ? i % speakers : 0));

// Rows of the target: all of mine, or, where mine is all there is, the first speaker's.
function target(state) {
  const who = speakersOf(state);
  const rows = who.map((_, i) => i).filter((i) => state.corpora === "two" || who[i] === 0);
  // Without names, who speaks is dealt in turn all the same: the library hears it, and cannot say who it is.
  const sex = (i) => (state.names === "known" ? who[i] % 2 : i % 2);
  return { who, rows, sex };
}

// Sizes of a target's groups on each scale, and what one of the smallest can be: z-scores of 1 are 0, of 2 are 1 and -1.
function scales(state) {
  const { who, rows, sex } = target(state);
  const sizes = (of) =>
    Object.values(
      Object.groupBy
        ? Object.groupBy(rows, of)
        : rows.reduce((all, i) => ({ ...all, [of(i)]: [...(all[of(i)] ?? []), i] }), {}),
    ).map((g) => g.length);
  const heard = sizes(sex).length;
  // Two groups are voices only where another domain has two such groups as well.
  const two = state.voices === "both" && heard === 2;
  const groups = { corpus: [rows.length], voices: two ? sizes(sex) : [rows.length], speaker: sizes((i) => who[i]) };
  return Object.fromEntries(
    Object.entries(groups).map(([name, g]) => {
      const least = Math.min(...g);
      return [name, { groups: g.length, least, column: least === 1 ? "zeros" : least === 2 ? "signs" : "free" }];
    }),
  );
}

// What can be said in the end: "error" is what the library says where it cannot. Two recordings or more are taken to be
// of two emotions.
function outcome(state) {
  const people = new Set(speakersOf(state)).size,
    refused = { predictions: false, figures: false, interval: "none" };
  if (state.corpora === "one" && (state.labels === "none" || people < 2)) return { ...refused, error: ERRORS.unpaired };
  if (state.labels === "known" && target(state).rows.length < 2) return { ...refused, error: ERRORS.single };
  if (state.labels === "none") return { predictions: true, figures: false, interval: "none", error: ERRORS.unscored };
  return {
    predictions: true,
    figures: true,
    interval: state.corpora === "two" && people > 1 ? "speakers" : "utterances",
    error: "",
  };
}

function lines(state) {
  const preset = PRESETS[state.within],
    alone = state.corpora === "one",
    scored = state.labels === "known";
  const voices = state.within === "voices" ? ", pair.voices" : "";
  return [
    "import tlmlda_lib as tl",
    `from tlmlda_lib.experiments import run${scored ? ", tables" : ""}`,
    "",
    `mine = tl.corpora.load("folder", "mine"${scored ? "" : ", unlabelled=True"})`,
    ...(alone
      ? ['held = mine["speaker"] == mine["speaker"].iloc[0]', "source, target = mine[~held], mine[held]"]
      : ['source, target = tl.corpora.load("casia", "CORPORA"), mine']),
    ...(scored
      ? ['pair = tl.domains.make_pair(source, target, scheme="to-mine")']
      : [
          'classes = ("anger", "happy", "neutral", "sad")  # nothing else',
          "pair = tl.domains.make_pair(source, target, classes)",
        ]),
    "for problem in pair.problems:",
    '    print(problem["file"], problem["problem"])',
    ...(scored
      ? [`records = run.run(pair, "pca_svm", "${preset}", save="mine.model")`, "print(tables.summary(records).T)"]
      : [
          `clf = tl.methods.make("pca_svm", "${preset}")`,
          `clf.fit(pair.X, pair.y, pair.sample_domain, pair.groups${voices})`,
          "print([pair.classes[c] for c in clf.target_predictions_[-1]])",
          'run.keep_model(clf, pair, "mine.model", {})',
        ]),
  ].join("\n");
}

const commands = (state) =>
  [
    `tlmlda run --scheme C2B --method pca_svm --preset ${PRESETS[state.within]} --save b.model`,
    "tlmlda predict b.model mine --out emotions.csv",
  ].join("\n");

function render({ model, el }) {
  el.classList.add("tl", "tl-own");
  const fields = [...Object.keys(CHOICES), "recordings", "speakers", "within"],
    most = model.get("most");
  const address = addressOf(model.get("address"));
  const state = Object.fromEntries(fields.map((f) => [f, model.get(f)]));
  const synced = syncedState(model, address, state, fields, show);

  const radios = Object.fromEntries(
    Object.entries(CHOICES).map(([f, [label, options]]) => [
      f,
      radio({
        label,
        options,
        value: state[f],
        change: (v) => {
          state[f] = v;
          update();
        },
      }),
    ]),
  );
  const sliders = {
    recordings: slider({
      label: "My recordings",
      min: 1,
      max: most[0],
      step: 1,
      value: state.recordings,
      words: String,
      change: (v) => {
        state.recordings = v;
        update();
      },
    }),
    speakers: slider({
      label: "My speakers, if named",
      min: 1,
      max: most[1],
      step: 1,
      value: state.speakers,
      words: String,
      change: (v) => {
        state.speakers = v;
        update();
      },
    }),
  };
  const within = radio({
    label: "Lines for",
    options: SCALINGS,
    value: state.within,
    change: (v) => {
      state.within = v;
      update();
    },
  });
  const body = make("tbody"),
    quote = make("p", { class: "tl-quote", "data-value": "error" });
  const { element: end, say } = announcer();
  end.classList.add("tl-end");
  const code = make("pre", { tabindex: "0", "aria-label": "Python code", "data-value": "python" }),
    shell = make("pre", { tabindex: "0", "aria-label": "Commands", "data-value": "shell" });
  const aside = make("p", { class: "tl-aside" });

  el.append(
    make(
      "div",
      { class: "tl-controls" },
      ...Object.values(radios).map((r) => r.element),
      sliders.recordings.element,
      sliders.speakers.element,
    ),
    make(
      "div",
      { class: "tl-wide", tabindex: "0", role: "region", "aria-label": "What each scaling sees" },
      make(
        "table",
        {},
        make("caption", {}, "What is put on one scale, of the target"),
        make(
          "thead",
          {},
          make(
            "tr",
            {},
            ...["scaling", "has to know", "scales", "recordings in the smallest", "in it a column becomes"].map((w) =>
              make("th", { scope: "col" }, w),
            ),
          ),
        ),
        body,
      ),
    ),
    end,
    quote,
    make("div", { class: "tl-controls" }, within.element),
    make("p", { class: "tl-head" }, "In Python"),
    code,
    make("p", { class: "tl-head" }, "In two commands, without a scale of your own"),
    shell,
    aside,
    ...(address.link ? [make("p", {}, address.link)] : []),
  );

  const NEEDS = { corpus: "nothing", voices: "nothing: groups are heard", speaker: "names" };
  function update() {
    const all = scales(state),
      out = outcome(state),
      pairless = !out.predictions;
    body.replaceChildren(
      ...Object.entries(all).map(([name, s]) => {
        const same = name !== "corpus" && s.groups === 1;
        const cell = (text) => make("td", {}, pairless ? "–" : text);
        return make(
          "tr",
          {
            "data-within": name,
            "data-groups": pairless ? 0 : s.groups,
            "data-least": pairless ? 0 : s.least,
            "data-column": pairless ? "none" : s.column,
          },
          make("th", { scope: "row" }, SCALINGS[name]),
          make("td", {}, NEEDS[name]),
          cell(same ? "1, as each corpus" : String(s.groups)),
          cell(String(s.least)),
          cell(NUMBERS[s.column]),
        );
      }),
    );
    const interval = {
      speakers: "with an interval over your speakers",
      utterances: "with an interval over utterances alone, which is too short for other people",
    }[out.interval];
    const verdict = pairless
      ? `Neither predictions nor figures: ${out.error === ERRORS.single ? "a single labelled recording shares one emotion with others, and there is nothing to choose from." : "nobody is left to learn from, or nobody to be tested on."}`
      : out.figures
        ? `Predictions and figures, ${interval}.`
        : "Predictions and no figure.";
    end.dataset.predictions = out.predictions;
    end.dataset.figures = out.figures;
    end.dataset.interval = out.interval;
    quote.textContent = out.error ? `The library: ${out.error}.` : "";
    quote.dataset.error = out.error;
    quote.hidden = !out.error;
    const bad = Object.entries(all)
      .filter(([, s]) => s.column !== "free")
      .map(([n]) => SCALINGS[n]);
    say(`${verdict}${!pairless && bad.length ? ` Too few for a scale of ${bad.join(", of ")}.` : ""}`);
    code.textContent = lines(state);
    shell.textContent = commands(state);
    aside.textContent = `These put your recordings on the scale of B, which the model was trained for. ${state.within === "speaker" ? "And predict is told no names: it warns, and takes the scale of all of B." : "After the lines in Python, tlmlda predict mine.model puts further ones on yours."}`;
    synced.written(fields.map((f) => state[f]).join("."));
  }

  function show() {
    for (const [f, control] of Object.entries({ ...radios, ...sliders, within })) control.set(state[f]);
    update();
  }

  const given = (address.read() ?? "").split(".");
  const fits = (f, v) =>
    f in CHOICES
      ? v in CHOICES[f][1]
      : f === "within"
        ? v in SCALINGS
        : /^[1-9]\d*$/.test(v) && Number(v) <= most[f === "recordings" ? 0 : 1];
  if (given.length === fields.length && fields.every((f, i) => fits(f, given[i]))) {
    fields.forEach((f, i) => {
      state[f] = f in sliders ? Number(given[i]) : given[i];
    });
  }
  show();
  return synced.end;
}

export default explorable(render, ["most"]);
