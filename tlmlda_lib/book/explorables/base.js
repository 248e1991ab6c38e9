// What all explorables use. base.py puts this text before each name.js: one module, nothing to import.
// EXPLORABLE, the name of the explorable's own file, stands before it.

const SVG = "http://www.w3.org/2000/svg";

// An explorable whose view is drawn by render({ model, el }), and drawn anew when Python changes one of the traits that
// render reads only once. What render returns ends a view.
function explorable(render, once = []) {
  return {
    render({ model, el }) {
      el.dataset.explorable = EXPLORABLE;
      const events = [...once, "address"].map((name) => `change:${name}`);
      let end, gone = false, waiting = false;
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
        queueMicrotask(() => { waiting = false; if (!gone) draw(); });
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

// An element with attributes and children; functions become listeners. JupyterLab and Notebook take keys for commands
// (arrows change the cell, d d deletes it) unless the very element that has the focus says otherwise.
function make(tag, attributes = {}, ...children) {
  const svg = tag.startsWith("svg:");
  const e = svg ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
  if (!svg || "tabindex" in attributes) e.setAttribute("data-lm-suppress-shortcuts", "true");
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
  const inputs = Object.keys(options).map((v) => make("input", { type: "radio", name, value: v, change: () => change(v) }));
  const labels = inputs.map((input) => make("label", {}, input, ` ${options[input.value]}`));
  const set = (v) => { for (const input of inputs) input.checked = input.value === v; };
  set(value);
  return { element: make("fieldset", { class: "tl-radio" }, make("legend", {}, label), ...labels), set };
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

// Call draw now, and whenever colours change or the element changes its size. Returns a function that ends it.
function redraw(element, draw) {
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
  return () => { theme.disconnect(); size.disconnect(); forced.removeEventListener("change", later); };
}

// The colour that a CSS variable is for an element, as three numbers; it may be one of the system's. Black while the
// element is not yet on a page.
function rgb(element, name) {
  const probe = make("span", { hidden: true, style: `forced-color-adjust: none; color: var(${name})` });
  element.append(probe);
  const found = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [0, 0, 0];
  probe.remove();
  return found.slice(0, 3).map(Number);
}

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
