// What all explorables use. base.py puts this text before each name.js: one module, nothing to import.

const SVG = "http://www.w3.org/2000/svg";

// An element with attributes and children; functions become listeners.
function make(tag, attributes = {}, ...children) {
  const svg = tag.startsWith("svg:");
  const e = svg ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") e.addEventListener(name, value);
    else if (value !== undefined && value !== false) e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children);
  return e;
}

let counter = 0;
const unique = (word) => `tl-${word}-${Date.now().toString(36)}-${++counter}`;

// A native slider with its label and its value in words.
function slider({ label, min, max, step, value, words, change }) {
  const id = unique("slider");
  const output = make("output", { for: id });
  const input = make("input", { id, type: "range", min, max, step, input: () => { show(); change(input.valueAsNumber); } });
  const show = () => {
    output.value = words(input.valueAsNumber);
    input.setAttribute("aria-valuetext", output.value);
  };
  const set = (v) => { input.value = v; show(); };
  set(value);
  return { element: make("div", { class: "tl-control" }, make("label", { for: id }, label), input, output), set };
}

// A native list of choices: {value: words}.
function choice({ label, options, value, change }) {
  const id = unique("choice");
  const select = make("select", { id, change: () => change(select.value) },
    ...Object.entries(options).map(([v, words]) => make("option", { value: v }, words)));
  select.value = value;
  return { element: make("div", { class: "tl-control" }, make("label", { for: id }, label), select), set: (v) => { select.value = v; } };
}

// Radio buttons in a group with a name: {value: words}.
function radio({ label, options, value, change }) {
  const name = unique("radio");
  const inputs = Object.entries(options).map(([v, words]) => make("label", {},
    make("input", { type: "radio", name, value: v, checked: v === value, change: () => change(v) }), ` ${words}`));
  return { element: make("fieldset", { class: "tl-radio" }, make("legend", {}, label), ...inputs) };
}

// Words for who does not see the picture: said once things have come to rest.
function announcer() {
  const element = make("p", { class: "tl-summary", "aria-live": "polite" });
  let timer, said;
  const say = (words) => {
    if (words === said) return;
    said = words;
    clearTimeout(timer);
    timer = setTimeout(() => { element.textContent = words; }, element.textContent ? 400 : 0);
  };
  return { element, say };
}

// State in the page's address, as ?name=text, on pages of the book alone: a notebook's address belongs to its program.
function addressOf(name) {
  const mine = name && "content_root" in document.documentElement.dataset;
  if (!mine) return { read: () => null, write: () => {}, link: null };
  const link = make("a", { class: "tl-link", href: "" }, "Link to this setting");
  const at = (text) => {
    const query = new URLSearchParams(location.search);
    query.set(name, text);
    return `?${query}${location.hash}`;
  };
  let timer;
  return {
    read: () => new URLSearchParams(location.search).get(name),
    // The link follows at once; the address only what the reader did, and not at every step of a movement: browsers
    // stop pages that change it many times a second.
    write: (text, byReader) => {
      link.setAttribute("href", at(text));
      clearTimeout(timer);
      if (byReader) timer = setTimeout(() => history.replaceState(history.state, "", at(text)), 350);
    },
    link,
  };
}

// Call draw now, and whenever light turns to dark or the element changes its size. Returns a function that ends it.
function redraw(element, draw) {
  const later = () => requestAnimationFrame(draw);
  const theme = new MutationObserver(later);
  for (const e of [document.documentElement, document.body]) {
    theme.observe(e, { attributeFilter: ["data-theme", "data-jp-theme-light", "theme", "class"] });
  }
  const size = new ResizeObserver(later);
  size.observe(element);
  draw();
  return () => { theme.disconnect(); size.disconnect(); };
}

// The value of a CSS variable as it holds for an element.
const cssOf = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();

// "#rrggbb" as three numbers.
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

// A repeatable source of numbers in [0, 1) (mulberry32).
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// A state whose fields the page's address and the Python object share. `written` gives both what the reader did; what
// Python changes goes into the state, and then `show` is called.
function syncedState(model, address, state, fields, show) {
  let own = false, touched = false;
  const fromModel = () => {
    if (own) return;
    for (const f of fields) state[f] = model.get(f);
    show();
  };
  for (const f of fields) model.on(`change:${f}`, fromModel);
  return {
    written: (text) => {
      address.write(text, touched);
      touched = true;
      own = true;
      for (const f of fields) model.set(f, state[f]);
      model.save_changes();
      own = false;
    },
    end: () => { for (const f of fields) model.off(`change:${f}`, fromModel); },
  };
}
