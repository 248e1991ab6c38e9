// Names that the theme leaves out or contradicts, boxes that the keyboard must reach, a report that is not empty, and what
// browsers forbid a page that is opened from a folder.
(() => {
  const errors = [];
  addEventListener("error", (e) => errors.push(e.message));
  addEventListener("unhandledrejection", (e) => errors.push(String(e.reason)));

  const mend = () => {
    // The button's own text names it; a second name in conflict hides it.
    for (const b of document.querySelectorAll(".search-button-field")) b.removeAttribute("aria-label");
    for (const h of document.querySelectorAll(".noUi-handle:not([aria-label])")) {
      h.setAttribute(
        "aria-label",
        h.closest(".jupyter-widgets")?.querySelector(".widget-label")?.textContent?.trim() || "slider",
      );
    }
    // What scrolls must be within reach of the keyboard.
    for (const e of document.querySelectorAll(
      ".bd-article :is(pre, mjx-container, .tl table, .cell_output, .output, div.math, .pst-scrollable-table-container, .pst-scrollable-table-container > *)",
    )) {
      if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible") e.tabIndex = 0;
    }
  };

  // The issue names the page, the browser and what went wrong; its writer sees all of it before it is sent.
  const report = (event) => {
    const link = event.target.closest?.('a[href*="/issues/new"]');
    if (!link) return;
    const page = document.querySelector("h1")?.firstChild?.textContent.trim() ?? document.title;
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
    link.href = url;
  };
  for (const kind of ["click", "auxclick", "contextmenu", "focusin"]) document.addEventListener(kind, report, true);

  // From a folder, a page may neither read its neighbours, whose beginnings the search shows, nor have a link save one: a
  // notebook is then saved from a script that holds its text (_ext/downloads.py).
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
      const link = event.target.closest?.('a[download][href$=".ipynb"]');
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
