// A number and its square (chapter_name.py). TODO: draw what the chapter is about.

/** @import { View } from "./base.js" */
/** @import { Shared } from "./state.js" */
import { announcer, explorable, make, put } from "./base.js";
import { slider } from "./controls.js";
import { fixed, significant } from "./format.js";
import { sharedState } from "./state.js";

const LARGEST = 10;

/**
 * @param {number} x
 */
export const squareOf = (x) => x * x;

/**
 * What is said of a number.
 * @param {number} x
 */
export const inWords = (x) => `The square of ${significant(x)} is ${fixed(squareOf(x), 2)}.`;

/**
 * What an address tells, or null.
 * @param {string} said
 * @returns {{ x: number } | null}
 */
export function readSetting(said) {
  const x = Number(said || "none");
  return x >= 0 && x <= LARGEST ? { x } : null;
}

/** @param {View} view */
function render({ model, el }) {
  el.classList.add("tl", "tl-chapter_name");
  /** @type {Shared<{ x: number }>} */
  const { state, ...page } = sharedState(model, { fields: ["x"], read: readSetting, show });
  const output = make("output", { "data-value": "square" });
  const { element: summary, say } = announcer();
  const control = slider({
    label: "Number",
    min: 0,
    max: LARGEST,
    step: 0.5,
    value: state.x,
    words: String,
    change: (v) => {
      state.x = v;
      update();
    },
  });
  el.append(
    make("div", { class: "tl-controls" }, control.element),
    make("dl", { class: "tl-numbers" }, make("dt", {}, "its square"), make("dd", {}, output)),
    summary,
    ...page.foot,
  );

  function update() {
    const square = squareOf(state.x);
    put(output, square, fixed(square, 2));
    say(inWords(state.x));
    page.write(String(state.x), { square });
  }

  function show() {
    control.set(state.x);
    update();
  }

  show();
  return page.end;
}

export default explorable("chapter_name", render);
