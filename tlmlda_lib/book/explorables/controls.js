// Native controls with their labels. Each has its element, and `set`, which shows a value without calling `change`.

import { make, unique } from "./base.js";

/**
 * A slider with its value in words.
 * @param {object} how
 * @param {string} how.label
 * @param {number} how.min
 * @param {number} how.max
 * @param {number} how.step
 * @param {number} how.value
 * @param {(value: number) => string} how.words
 * @param {(value: number) => void} how.change
 */
export function slider({ label, min, max, step, value, words, change }) {
  const id = unique("slider");
  const output = make("output", { for: id });
  const input = make("input", {
    id,
    type: "range",
    min,
    max,
    step,
    input: () => {
      show();
      change(input.valueAsNumber);
    },
  });
  const show = () => {
    output.value = words(input.valueAsNumber);
    input.setAttribute("aria-valuetext", output.value);
  };
  const set = (/** @type {number} */ v) => {
    input.value = String(v);
    show();
  };
  set(value);
  const element = make("div", { class: "tl-control" }, make("label", { for: id }, label), input, output);
  return { element, input, set };
}

/**
 * A list of choices.
 * @param {object} how
 * @param {string} how.label
 * @param {Record<string, string>} how.options words of each value
 * @param {string} how.value
 * @param {(value: string) => void} how.change
 */
export function choice({ label, options, value, change }) {
  const id = unique("choice");
  /** @type {HTMLSelectElement} */
  const select = make(
    "select",
    { id, change: () => change(select.value) },
    ...Object.entries(options).map(([v, words]) => make("option", { value: v }, words)),
  );
  const set = (/** @type {string} */ v) => {
    select.value = v;
  };
  set(value);
  const element = make("div", { class: "tl-control" }, make("label", { for: id }, label), select);
  return { element, select, set };
}

/**
 * Radio buttons in a group with a name.
 * @param {object} how
 * @param {string} how.label
 * @param {Record<string, string>} how.options words of each value
 * @param {string} how.value
 * @param {(value: string) => void} how.change
 */
export function radio({ label, options, value, change }) {
  const name = unique("radio");
  const inputs = Object.keys(options).map((v) =>
    make("input", { type: "radio", name, value: v, change: () => change(v) }),
  );
  const labels = inputs.map((input) => make("label", {}, input, ` ${options[input.value]}`));
  const set = (/** @type {string} */ v) => {
    for (const input of inputs) input.checked = input.value === v;
  };
  set(value);
  return { element: make("fieldset", { class: "tl-radio" }, make("legend", {}, label), ...labels), inputs, set };
}

/**
 * A box to tick with its label.
 * @param {object} how
 * @param {string} how.label
 * @param {string} [how.name] the input's value in the page, by which several are told apart
 * @param {boolean} how.value
 * @param {(value: boolean) => void} how.change
 */
export function checkbox({ label, name = label, value, change }) {
  /** @type {HTMLInputElement} */
  const input = make("input", { type: "checkbox", value: name, change: () => change(input.checked) });
  const set = (/** @type {boolean} */ v) => {
    input.checked = v;
  };
  set(value);
  return { element: make("label", {}, input, ` ${label}`), input, set };
}

/**
 * A button.
 * @param {string} words
 * @param {() => void} click
 */
export const button = (words, click) => make("button", { type: "button", click }, words);

/**
 * Follow a pointer that was pressed on a target until it is let go.
 * @param {Element} target
 * @param {PointerEvent} event the press
 * @param {(event: PointerEvent) => void} follow
 */
export function dragging(target, event, follow) {
  target.setPointerCapture(event.pointerId);
  const moved = /** @type {EventListener} */ (follow);
  const end = () => {
    target.removeEventListener("pointermove", moved);
    for (const name of ["pointerup", "pointercancel"]) target.removeEventListener(name, end);
  };
  target.addEventListener("pointermove", moved);
  for (const name of ["pointerup", "pointercancel"]) target.addEventListener(name, end);
}
