// Interactive figures: their space is kept free until they are drawn (_ext/figure_space.py); ?embed=1 shows one alone.
(() => {
  /**
   * The height at a width, between the two known ones on either side of it.
   * @param {number[][]} known widths, rising, with their heights
   * @param {number} width
   */
  const between = (known, width) => {
    const above = known.findIndex(([w]) => w >= width);
    if (above <= 0) return known.at(above)?.[1] ?? 0;
    const [[w0, h0], [w1, h1]] = [known[above - 1], known[above]];
    return h0 + ((h1 - h0) * (width - w0)) / (w1 - w0);
  };

  class FigureSpace extends HTMLElement {
    /** @type {number[][]} */
    known = [];
    kept = 0;
    watch = new ResizeObserver(() => this.keep());
    arrival = new MutationObserver(() => this.arrived());
    watching = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    timer;

    connectedCallback() {
      const pairs = (this.dataset.heights ?? "").split(" ").filter(Boolean);
      this.known = pairs.map((pair) => pair.split(":").map(Number));
      if (!this.known.length || this.watching) return;
      this.watching = true;
      this.setAttribute("waiting", "");
      this.keep();
      this.watch.observe(this);
      this.arrival.observe(this, { childList: true, subtree: true });
    }

    keep() {
      const width = this.clientWidth;
      if (!width || width === this.kept) return;
      this.kept = width;
      this.style.minHeight = `${Math.round(between(this.known, width))}px`;
    }

    // A figure gets its height bit by bit: the space is released when it has not changed for a while.
    arrived() {
      const figure = this.querySelector(".tl");
      if (!figure) return;
      this.arrival.disconnect();
      this.removeAttribute("waiting");
      const drawn = new ResizeObserver(() => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => {
          drawn.disconnect();
          this.watch.disconnect();
          this.style.minHeight = "";
        }, 3000);
      });
      drawn.observe(figure);
    }
  }
  customElements.define("figure-space", FigureSpace);

  // ?embed=2: the second figure and nothing around it, for another page's frame; ?embed=ID: the first one in that
  // section.
  const wanted = new URLSearchParams(location.search).get("embed");
  if (wanted === null) return;
  const root = document.documentElement;
  root.classList.add("embed");
  document.addEventListener("DOMContentLoaded", () => {
    const spaces = document.querySelectorAll("figure-space");
    const space = /^\d+$/.test(wanted)
      ? spaces[Number(wanted) - 1]
      : document.getElementById(wanted)?.querySelector("figure-space");
    if (!space) {
      root.classList.remove("embed");
      return;
    }
    space.classList.add("embed-figure");
    for (let e = space.parentElement; e && e !== root; e = e.parentElement) e.classList.add("embed-path");
    root.classList.add("embed-ready");
  });
})();
