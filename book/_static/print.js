// On paper nothing can be opened: what is folded is printed unfolded, and a dark page is printed light.
(() => {
  /** @type {HTMLDetailsElement[]} */
  let folded = [];
  /** @type {string | null} */
  let theme = null;
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details")].filter((d) => !d.open);
    for (const d of folded) d.open = true;
    theme ??= document.documentElement.dataset.theme ?? null;
    document.documentElement.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    for (const d of folded) d.open = false;
    folded = [];
    if (theme !== null) document.documentElement.dataset.theme = theme;
    theme = null;
  });
})();
