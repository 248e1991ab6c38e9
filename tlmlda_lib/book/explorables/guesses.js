// Guesses of emotions: the buttons that take them, and what an address says of them.

import { make } from "./base.js";

/**
 * Guesses and whether the answers are shown as a text: each guess by its first letter.
 * @param {readonly string[]} guesses "" where there is none
 * @param {boolean} shown
 */
export const packGuesses = (guesses, shown) => guesses.map((g) => g[0] ?? "-").join("") + (shown ? "!" : "");

/**
 * What such a text says, or null.
 * @param {string} said
 * @param {number} n guesses
 * @param {readonly string[]} classes no two of which begin with one letter
 */
export function unpackGuesses(said, n, classes) {
  const shown = said.endsWith("!");
  const letters = [...(shown ? said.slice(0, -1) : said)];
  const guesses = letters.map((l) => (l === "-" ? "" : classes.find((c) => c[0] === l)));
  if (guesses.length !== n || !guesses.every((g) => g !== undefined)) return null;
  return { guesses, shown };
}

/**
 * A button for each emotion. `show` presses that of a guess, and disables all where none is taken any more.
 * @param {readonly string[]} classes
 * @param {string} label
 * @param {(emotion: string) => void} guess
 */
export function emotionButtons(classes, label, guess) {
  const buttons = classes.map((c) =>
    make(
      "button",
      { type: "button", "data-emotion": c, style: `--tl-mine: var(--tl-${c})`, click: () => guess(c) },
      make("span", { class: "tl-swatch", "aria-hidden": "true" }),
      c,
    ),
  );
  const show = (/** @type {string} */ guessed, /** @type {boolean} */ disabled) => {
    buttons.forEach((b, i) => {
      b.setAttribute("aria-pressed", String(classes[i] === guessed));
      b.disabled = disabled;
    });
  };
  return { element: make("div", { role: "group", "aria-label": label, class: "tl-five" }, ...buttons), show };
}

/**
 * Mark one of several buttons as the current one.
 * @param {readonly Element[]} buttons
 * @param {number} current
 */
export const markCurrent = (buttons, current) => {
  buttons.forEach((b, i) => {
    if (i === current) b.setAttribute("aria-current", "true");
    else b.removeAttribute("aria-current");
  });
};
