// What every explorable uses: elements, drawing anew, words for who does not see the picture.

/**
 * The Python object as a page sees it (anywidget).
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: (...given: any[]) => void) => void} on
 * @property {(event: string, callback: (...given: any[]) => void) => void} off
 * @property {(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]) => void} send
 */

/** @typedef {{ model: Model, el: HTMLElement }} View */

/**
 * The element that a name stands for: "svg:path" is SVG's, "input" is HTML's.
 * @template {string} T
 * @typedef {T extends `svg:${infer S}`
 *   ? (S extends keyof SVGElementTagNameMap ? SVGElementTagNameMap[S] : SVGElement)
 *   : (T extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[T] : HTMLElement)} Made
 */

/** @typedef {string | number | boolean | undefined | ((event: any) => unknown)} Attribute */

const SVG = "http://www.w3.org/2000/svg";

/**
 * A widget whose view is drawn by render, and drawn anew when Python changes one of the traits that it reads only once.
 * @param {string} name of the explorable's own file
 * @param {(view: View) => (() => void) | undefined} render draws a view; what it returns ends it
 * @param {string[]} once traits that render reads only once
 */
export function explorable(name, render, once = []) {
  return {
    /** @param {View} view */
    render({ model, el }) {
      el.dataset.explorable = name;
      const events = [...once, "address"].map((trait) => `change:${trait}`);
      /** @type {(() => void) | undefined} */
      let end;
      let gone = false;
      let waiting = false;
      const draw = () => {
        const last = end;
        end = undefined;
        last?.();
        el.replaceChildren();
        end = render({ model, el });
      };
      // Several traits may change at once: they are drawn together.
      const later = () => {
        if (waiting) return;
        waiting = true;
        queueMicrotask(() => {
          waiting = false;
          if (!gone) draw();
        });
      };
      draw();
      for (const event of events) model.on(event, later);
      return () => {
        gone = true;
        for (const event of events) model.off(event, later);
        end?.();
      };
    },
  };
}

/**
 * An element with attributes and children; functions become listeners. JupyterLab and Notebook take keys for commands
 * (arrows change the cell, d d deletes it) unless the very element that has the focus says otherwise.
 * @template {string} T
 * @param {T} tag
 * @param {Record<string, Attribute>} attributes
 * @param {...(Node | string)} children
 * @returns {Made<T>}
 */
export function make(tag, attributes = {}, ...children) {
  const svg = tag.startsWith("svg:");
  const e = svg ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
  if (!svg || "tabindex" in attributes) e.setAttribute("data-lm-suppress-shortcuts", "true");
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") e.addEventListener(name, value);
    else if (value !== undefined && value !== false) e.setAttribute(name, value === true ? "" : String(value));
  }
  e.append(...children);
  return /** @type {Made<T>} */ (e);
}

/**
 * Write a number into an output, in words, and with all its digits beside them.
 * @param {HTMLOutputElement} output
 * @param {number} exact
 * @param {string} words
 */
export function put(output, exact, words) {
  output.value = words;
  output.dataset.exact = String(exact);
}

let counter = 0;

/**
 * An id that no other element of the page has.
 * @param {string} word
 */
export const unique = (word) => `tl-${word}-${Date.now().toString(36)}-${++counter}`;

/**
 * A place for words that a screen reader speaks: said once things have come to rest. While they move by themselves, the
 * words are shown at once and not spoken.
 * @returns {{ element: HTMLParagraphElement, say: (words: string, moving?: boolean) => void }}
 */
export function announcer() {
  const element = make("p", { class: "tl-summary", "aria-live": "polite" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let said = "";
  const say = (/** @type {string} */ words, moving = false) => {
    element.setAttribute("aria-live", moving ? "off" : "polite");
    if (moving) {
      clearTimeout(timer);
      said = "";
      element.textContent = words;
      return;
    }
    if (words === said) return;
    said = words;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        element.textContent = words;
      },
      element.textContent ? 400 : 0,
    );
  };
  return { element, say };
}

/**
 * Call draw now, and whenever colours change or the element changes its size.
 * @param {Element} element
 * @param {() => void} draw
 * @returns {() => void} ends it
 */
export function redraw(element, draw) {
  const later = () => requestAnimationFrame(draw);
  const theme = new MutationObserver(later);
  for (const e of [document.documentElement, document.body]) {
    theme.observe(e, { attributeFilter: ["data-theme", "data-jp-theme-light", "theme", "class"] });
  }
  const size = new ResizeObserver(later);
  size.observe(element);
  const forced = matchMedia("(forced-colors: active)");
  forced.addEventListener("change", later);
  draw();
  return () => {
    theme.disconnect();
    size.disconnect();
    forced.removeEventListener("change", later);
  };
}

/**
 * The colour that a CSS variable is for an element, as three numbers; it may be one of the system's. Black while the
 * element is not yet on a page.
 * @param {Element} element
 * @param {string} name
 * @returns {number[]}
 */
export function rgb(element, name) {
  const probe = make("span", { hidden: true, style: `forced-color-adjust: none; color: var(${name})` });
  element.append(probe);
  const found = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [0, 0, 0];
  probe.remove();
  return found.slice(0, 3).map(Number);
}

/**
 * A repeatable source of numbers in [0, 1) (mulberry32).
 * @param {number} seed
 * @returns {() => number}
 */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Python code to copy, behind a fold.
 * @param {string} words what is behind it
 * @returns {{ element: HTMLDetailsElement, code: HTMLPreElement }}
 */
export function folded(words, label = "Python code") {
  const code = make("pre", { tabindex: "0", "aria-label": label });
  return { element: make("details", {}, make("summary", {}, words), code), code };
}
