// On paper nothing can be opened: what is folded is printed unfolded, and a dark page is printed light.
(() => {
  let folded = [],
    theme = null;
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const d of folded) d.open = true;
    theme ??= document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    for (const d of folded) d.open = false;
    folded = [];
    if (theme !== null) document.documentElement.dataset.theme = theme;
    theme = null;
  });
})();
