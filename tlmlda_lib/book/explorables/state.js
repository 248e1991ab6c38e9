// The state of an explorable, which the page's address and the Python object share.

/** @import { Model } from "./base.js" */
import { make } from "./base.js";

// The address is written once a movement has ended: browsers stop pages that change it many times a second.
const REST = 350;

/**
 * State in the page's address, as ?name=text, on pages of the book alone: a notebook's address belongs to its program.
 * @param {string} name empty for none
 */
function addressOf(name) {
  const mine = name && "content_root" in document.documentElement.dataset;
  if (!mine) return { text: null, link: [], write: () => {} };
  const link = make("a", { class: "tl-link", href: "" }, "Link to this setting");
  const at = (/** @type {string} */ text) => {
    const query = new URLSearchParams(location.search);
    query.set(name, text);
    return `?${query}${location.hash}`;
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return {
    text: new URLSearchParams(location.search).get(name),
    link: [link],
    // The link follows at once; the address only what the reader did.
    write: (/** @type {string} */ text, /** @type {boolean} */ byReader) => {
      link.setAttribute("href", at(text));
      clearTimeout(timer);
      if (byReader) timer = setTimeout(() => history.replaceState(history.state, "", at(text)), REST);
    },
  };
}

/**
 * A place in a list of so many, counted from 0, as an address tells it; -1 if it tells none.
 * @param {string | undefined} said
 * @param {number} n
 */
export const placeIn = (said, n) => (/^\d+$/.test(said ?? "") && Number(said) < n ? Number(said) : -1);

/**
 * The parts of an address's text, "a.b.c", by their names; null unless there are as many and each is allowed.
 * @template {string} F
 * @param {string} text
 * @param {Record<F, (part: string) => boolean>} allowed in the order of the text
 * @returns {Record<F, string> | null}
 */
export function partsOf(text, allowed) {
  const parts = text.split(".");
  const names = /** @type {F[]} */ (Object.keys(allowed));
  if (parts.length !== names.length || !names.every((name, i) => allowed[name](parts[i]))) return null;
  return /** @type {Record<F, string>} */ (Object.fromEntries(names.map((name, i) => [name, parts[i]])));
}

/**
 * Whether a part of an address is a whole number from 1 to a largest one.
 * @param {string} part
 * @param {number} most
 */
export const isCount = (part, most) => /^[1-9]\d*$/.test(part) && Number(part) <= most;

/**
 * @template {Record<string, any>} S
 * @typedef {object} Shared
 * @property {S} state
 * @property {boolean} linked whether the address had a state
 * @property {HTMLElement[]} link the link to this setting; empty in a notebook
 * @property {HTMLElement[]} foot the same as a paragraph, for the explorable's end
 * @property {(text: string, results?: Record<string, unknown>, settled?: boolean) => void} write tells the address (the
 *   state as text) and Python (with traits that it only reads). The first call, which draws the view, is not the
 *   reader's. Not `settled` while an animation runs: the address waits
 * @property {() => void} end
 */

/**
 * The one state of an explorable. It begins with the traits that Python set, and what the page's address says goes over
 * them. What the reader does is written with `write`; what Python changes goes into `state`, and then `show` is called.
 *
 * Parts of the state that are no traits are the explorable's own, and `read` may give them too.
 * @template {Record<string, any>} S
 * @param {Model} model
 * @param {object} how
 * @param {(keyof S & string)[]} how.fields traits that Python can set
 * @param {(text: string, state: S) => Partial<S> | null | undefined} [how.read] what a text of the address says; null
 *   if it is none of ours
 * @param {(changed: Set<keyof S & string>) => void} how.show draws the state that Python changed
 * @returns {Shared<S>}
 */
export function sharedState(model, { fields, read, show }) {
  const address = addressOf(model.get("address"));
  const state = /** @type {S} */ (Object.fromEntries(fields.map((f) => [f, structuredClone(model.get(f))])));
  const linked = address.text === null ? null : (read?.(address.text, state) ?? null);
  Object.assign(state, linked);

  let own = false;
  let touched = false;
  const fromModel = () => {
    if (own) return;
    const changed = new Set(fields.filter((f) => JSON.stringify(state[f]) !== JSON.stringify(model.get(f))));
    for (const f of fields) state[f] = structuredClone(model.get(f));
    show(changed);
  };
  for (const f of fields) model.on(`change:${f}`, fromModel);

  return {
    state,
    linked: linked !== null,
    link: address.link,
    foot: address.link.map((link) => make("p", {}, link)),
    write(text, results = {}, settled = true) {
      address.write(text, touched && settled);
      touched = true;
      own = true;
      for (const f of fields) model.set(f, structuredClone(state[f]));
      for (const [name, value] of Object.entries(results)) model.set(name, structuredClone(value));
      model.save_changes();
      own = false;
    },
    end() {
      for (const f of fields) model.off(`change:${f}`, fromModel);
    },
  };
}
