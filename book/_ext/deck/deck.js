// A deck of slides: one is shown, keys and buttons move on, the address names it. The slides are HTML (_ext/decks.py).
(() => {
  /** @type {HTMLElement[]} */
  const slides = [...document.querySelectorAll("section")];
  const place = /** @type {HTMLElement} */ (document.getElementById("place"));
  let now = -1;

  /**
   * Show a slide; before the first and after the last there is none.
   * @param {number} next
   * @param {boolean} byReader whether the focus goes there
   */
  const show = (next, byReader = true) => {
    const at = Math.max(0, Math.min(slides.length - 1, next));
    if (at === now) return;
    now = at;
    for (const [n, slide] of slides.entries()) {
      slide.classList.toggle("now", n === now);
      slide.inert = n !== now;
    }
    // A figure is loaded when it is first seen: each brings a page of the book with it.
    for (const frame of slides[now].querySelectorAll("iframe")) if (!frame.src) frame.src = frame.dataset.src ?? "";
    place.textContent = `${now + 1} / ${slides.length}`;
    if (!byReader) return;
    slides[now].focus({ preventScroll: true });
    history.replaceState(null, "", `#${slides[now].id}`);
  };
  const named = () =>
    Math.max(
      0,
      slides.findIndex((slide) => slide.id === location.hash.slice(1)),
    );

  /** @type {Record<string, () => number>} */
  const keys = {
    ArrowRight: () => now + 1,
    PageDown: () => now + 1,
    " ": () => now + 1,
    ArrowLeft: () => now - 1,
    PageUp: () => now - 1,
    Home: () => 0,
    End: () => slides.length - 1,
  };
  addEventListener("keydown", (event) => {
    const to = keys[event.key];
    const own = event.target instanceof Element && event.target.closest("input, button, a, summary");
    const typed = own && (event.key === " " || own.matches("input"));
    if (!to || typed || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(to());
  });
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("nav button"))) {
    button.addEventListener("click", () => show(now + Number(button.dataset.step)));
  }
  addEventListener("hashchange", () => show(named()));
  // On paper all slides are seen, and none is out of reach.
  addEventListener("beforeprint", () => {
    for (const slide of slides) slide.inert = false;
  });
  addEventListener("afterprint", () => {
    for (const [n, slide] of slides.entries()) slide.inert = n !== now;
  });

  // Drawings know a dark page by its mark.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const mark = () => {
    document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
  };
  dark.addEventListener("change", mark);
  mark();

  document.documentElement.classList.add("js");
  show(named(), false);
})();
