// Names that the theme leaves out or contradicts, boxes that the keyboard must reach, a report that is not empty, and
// what browsers forbid a page that is opened from a folder.
(() => {
  /** @type {string[]} */
  const errors = [];
  addEventListener("error", (e) => errors.push(e.message));
  addEventListener("unhandledrejection", (e) => errors.push(String(e.reason)));

  // What may scroll, on a page.
  const table = ".pst-scrollable-table-container";
  const scrolling = ["pre", "mjx-container", ".tl table", ".cell_output", ".output", "div.math", table, `${table} > *`];

  /**
   * All elements of HTML that a selector finds.
   * @param {string} selector
   * @returns {NodeListOf<HTMLElement>}
   */
  const every = (selector) => document.querySelectorAll(selector);

  /**
   * The link of such an address that an event is about, if it is about one.
   * @param {Event} event
   * @param {string} selector
   * @returns {HTMLAnchorElement | null}
   */
  const linkOf = ({ target }, selector) => (target instanceof Element ? target.closest(`a${selector}`) : null);

  const mend = () => {
    // The button's own text names it; a second name in conflict hides it.
    for (const b of every(".search-button-field")) b.removeAttribute("aria-label");
    for (const h of every(".noUi-handle:not([aria-label])")) {
      h.setAttribute(
        "aria-label",
        h.closest(".jupyter-widgets")?.querySelector(".widget-label")?.textContent?.trim() || "slider",
      );
    }
    // What scrolls must be within reach of the keyboard.
    for (const e of every(`.bd-article :is(${scrolling.join(", ")})`)) {
      if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible") e.tabIndex = 0;
    }
  };

  // The issue names the page, the browser and what went wrong; its writer sees all of it before it is sent.
  const report = (/** @type {Event} */ event) => {
    const link = linkOf(event, '[href*="/issues/new"]');
    if (!link) return;
    const page = document.querySelector("h1")?.firstChild?.textContent?.trim() ?? document.title;
    const url = new URL(link.href);
    url.searchParams.set("title", `${page}: `);
    url.searchParams.set(
      "body",
      [
        "What happened, and what did you expect?",
        "",
        "",
        "---",
        `Page: ${page} (${location.pathname.split("/").slice(-2).join("/")}${location.search}${location.hash})`,
        `Browser: ${navigator.userAgent}, ${innerWidth} x ${innerHeight}, ${document.documentElement.dataset.theme}`,
        `Messages: ${errors.slice(-3).join(" | ") || "none"}`,
      ].join("\n"),
    );
    link.href = url.href;
  };
  for (const kind of ["click", "auxclick", "contextmenu", "focusin"]) document.addEventListener(kind, report, true);

  // From a folder, a page may neither read its neighbours, whose beginnings the search shows, nor have a link save one:
  // a notebook is then saved from a script that holds its text (_ext/downloads.py).
  if (location.protocol === "file:") {
    if (typeof DOCUMENTATION_OPTIONS === "object") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
    window.saveNotebook = (name, text) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    };
    document.addEventListener("click", (event) => {
      const link = linkOf(event, '[download][href$=".ipynb"]');
      if (!link) return;
      event.preventDefault();
      const script = document.createElement("script");
      script.src = `${link.href}.js`;
      script.onload = () => script.remove();
      script.onerror = () => {
        location.href = link.href;
      };
      document.head.append(script);
    });
  }

  document.addEventListener("DOMContentLoaded", mend);
  addEventListener("load", () => {
    mend();
    setTimeout(mend, 1000);
    new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
    addEventListener("resize", mend);
  });
})();
