// Hear the corpora: a grid of clips, emotion by corpus, to hear and see (sitting.py).

/** @import { View } from "./base.js" */
/** @import { Clip } from "./clips.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, make, redraw } from "./base.js";
import { enlargeClip, pitchOf, scalesOf, waveOf } from "./clips.js";
import { button } from "./controls.js";
import { fixed } from "./format.js";
import { playerOf } from "./sound.js";
import { sharedState } from "./state.js";

/** @typedef {{ emotion: string, corpus: string }} Cell */
/** @typedef {Clip & Cell & { caption: string, words: string }} Heard words are those of its pitch contour */

const WIDTH = 160;
const HEIGHT = 56;
/** @type {Record<string, readonly [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const HELP = "Press a clip to hear it, again to stop. ▶ plays a row or a column, one clip after another.";
// Shown where there is a mouse, and so perhaps a keyboard (sitting.css).
const KEYS = " Arrow keys move in the grid, Enter plays, Escape stops.";

/** @param {Cell} clip */
export const nameOf = ({ emotion, corpus }) => `${emotion}.${corpus}`;

/**
 * The clip that an address tells, or null.
 * @param {string} said
 * @param {readonly Cell[]} clips
 */
export const readChosen = (said, clips) => (clips.some((c) => nameOf(c) === said) ? { chosen: said } : null);

/**
 * Rows and columns of the grid.
 * @param {readonly Cell[]} clips
 */
export const gridOf = (clips) => ({
  emotions: [...new Set(clips.map((c) => c.emotion))],
  corpora: [...new Set(clips.map((c) => c.corpus))],
});

/**
 * Where an arrow key leads from a clip, over empty cells; undefined at the edge.
 * @template {Cell} C
 * @param {readonly C[]} clips
 * @param {Cell} from
 * @param {readonly [number, number]} arrow rows and columns
 * @returns {C | undefined}
 */
export function onward(clips, from, [rows, columns]) {
  const { emotions, corpora } = gridOf(clips);
  let r = emotions.indexOf(from.emotion) + rows;
  let c = corpora.indexOf(from.corpus) + columns;
  for (; emotions[r] && corpora[c]; r += rows, c += columns) {
    const found = clips.find((clip) => clip.emotion === emotions[r] && clip.corpus === corpora[c]);
    if (found) return found;
  }
  return undefined;
}

/**
 * What stands under the large picture.
 * @param {Pick<Heard, "emotion" | "corpus" | "seconds" | "words" | "caption">} clip
 */
export const captionOf = ({ emotion, corpus, seconds, words, caption }) =>
  `${emotion}, ${corpus}, ${fixed(seconds, 1)} s: ${words}.${caption ? ` ${caption}` : ""}`;

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-hear");
  /** @type {Heard[]} */
  const clips = model.get("clips");
  const scales = scalesOf(clips);
  const { emotions, corpora } = gridOf(clips);
  /** @type {Shared<{ chosen: string }>} */
  const { state, ...shared } = sharedState(model, {
    fields: ["chosen"],
    read: (said) => readChosen(said, clips),
    show,
  });
  // Python may have chosen none yet.
  const chosen = () => clips.find((c) => nameOf(c) === state.chosen) ?? clips[0];

  const { element: summary, say } = announcer();
  const player = playerOf({ quiet, say, ended: next, follow });
  /** @type {Heard[]} */
  let queue = [];
  /** @type {Heard | undefined} */
  let playing;

  const cells = new Map(clips.map((clip) => [clip, cellOf(clip)]));
  const cell = (/** @type {Heard} */ clip) => /** @type {ReturnType<typeof cellOf>} */ (cells.get(clip));
  const large = make("svg:svg", { class: "tl-large", role: "img" });
  const caption = make("figcaption");
  el.append(
    make("p", { class: "tl-help" }, HELP, make("span", { class: "tl-keys" }, KEYS)),
    make("div", { class: "tl-scroll" }, grid()),
    make("figure", {}, large, caption),
    make("div", { class: "tl-hidden" }, summary), // the caption says the same
    player.element,
    make("p", {}, button("Stop", stop), ...shared.link.flatMap((link) => [" ", link])),
  );

  /** @param {Heard} clip */
  function cellOf(clip) {
    const cursor = make("svg:line", { class: "tl-cursor", y1: 0, y2: HEIGHT });
    const picture = make(
      "svg:svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
      waveOf(clip, WIDTH, HEIGHT, scales),
      pitchOf(clip, WIDTH, HEIGHT, scales),
      cursor,
    );
    const attributes = {
      type: "button",
      tabindex: "-1",
      "data-clip": nameOf(clip),
      style: `--tl-mine: var(--tl-${clip.emotion})`,
      click: () => (playing === clip ? stop() : play([clip])),
      keydown: (/** @type {KeyboardEvent} */ event) => keys(event, clip),
    };
    const press = make("button", attributes, picture);
    const show = (/** @type {boolean} */ sounds) => {
      press.classList.toggle("tl-playing", sounds);
      press.setAttribute("aria-label", `${clip.emotion}, ${clip.corpus}: ${sounds ? "stop" : "play"}`);
    };
    show(false);
    return { press, cursor, show };
  }

  function grid() {
    const several = (/** @type {string} */ words, /** @type {Heard[]} */ list) => {
      const label = `Play ${words}, one after another`;
      return make("button", { type: "button", class: "tl-several", "aria-label": label, click: () => play(list) }, "▶");
    };
    const column = (/** @type {string} */ corpus) => {
      const list = clips.filter((c) => c.corpus === corpus);
      return make("th", { scope: "col" }, `${corpus} `, several(`all of ${corpus}`, list));
    };
    const row = (/** @type {string} */ emotion) => {
      const list = clips.filter((c) => c.emotion === emotion);
      const head = make(
        "th",
        { scope: "row", style: `--tl-mine: var(--tl-${emotion})` },
        make("span", { class: "tl-swatch", "aria-hidden": "true" }),
        `${emotion} `,
        several(`${emotion} in every corpus`, list),
      );
      const places = corpora.map((corpus) => {
        const clip = list.find((c) => c.corpus === corpus);
        return make("td", {}, clip ? cell(clip).press : "none");
      });
      return make("tr", {}, head, ...places);
    };
    return make(
      "table",
      {},
      make("caption", { class: "tl-hidden" }, "Clips by emotion and corpus"),
      make("thead", {}, make("tr", {}, make("td"), ...corpora.map(column))),
      make("tbody", {}, ...emotions.map(row)),
    );
  }

  /** @param {Heard} clip */
  function choose(clip) {
    state.chosen = nameOf(clip);
    show();
  }

  // One tab stop for the grid: the chosen clip.
  function show() {
    const clip = chosen();
    for (const [c, { press }] of cells) {
      press.tabIndex = c === clip ? 0 : -1;
      press.classList.toggle("tl-chosen", c === clip);
    }
    large.style.setProperty("--tl-mine", `var(--tl-${clip.emotion})`);
    large.setAttribute("aria-label", `Waveform and pitch of ${clip.emotion}, ${clip.corpus}: ${clip.words}`);
    enlarge();
    caption.textContent = captionOf(clip);
    state.chosen = nameOf(clip);
    shared.write(state.chosen);
  }

  function enlarge() {
    enlargeClip(large, el.clientWidth - 32, scales, (width, height) => [
      waveOf(chosen(), width, height, scales),
      pitchOf(chosen(), width, height, scales),
    ]);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Heard} clip
   */
  function keys(event, clip) {
    if (event.key === "Escape") stop();
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const found = onward(clips, clip, arrow);
    if (!found) return;
    choose(found);
    cell(found).press.focus();
  }

  /** @param {Heard[]} list */
  function play(list) {
    stop();
    queue = [...list];
    next();
  }

  function next() {
    playing = queue.shift();
    if (!playing) return;
    choose(playing);
    cell(playing).show(true);
    say(`${playing.emotion}, ${playing.corpus}: ${playing.words}.`);
    player.play(playing.audio);
  }

  function follow(/** @type {number} */ seconds) {
    if (!playing) return;
    const { cursor } = cell(playing);
    for (const x of ["x1", "x2"]) cursor.setAttribute(x, String((WIDTH * seconds) / scales.longest));
  }

  function quiet() {
    if (playing) cell(playing).show(false);
    playing = undefined;
  }

  function stop() {
    queue = [];
    player.halt();
  }

  show();
  const end = redraw(el, enlarge);
  return () => {
    end();
    stop();
    shared.end();
  };
}

export default explorable("sitting", render, ["clips"]);
