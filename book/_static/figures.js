// Interactive figures: their space is kept free until they are drawn (_ext/figure_space.py); ?embed=NAME shows one alone,
// and the line beneath a figure says how another page does so.
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

  /**
   * What another page writes to show the figure above a line, in the setting that this page's address has.
   * @param {HTMLElement} line
   */
  const frame = (line) => {
    const [page, name] = (line.dataset.embed ?? "").split("?embed=");
    const query = new URLSearchParams({ embed: name });
    for (const [key, text] of new URLSearchParams(location.search)) if (key !== "embed") query.set(key, text);
    // A page that was opened from a folder is framed by its neighbours there.
    const address = location.protocol === "file:" ? page : `${location.origin}${location.pathname}`;
    const title = document.querySelector("h1")?.firstChild?.textContent?.trim() ?? document.title;
    const attributes = {
      src: `${address}?${query}`,
      title: `Interactive figure: ${title}`,
      width: "100%",
      height: line.dataset.height ?? "",
      style: "border: 0",
      loading: "lazy",
    };
    const named = Object.entries(attributes).map(
      ([key, text]) => `${key}="${text.replace(/&/g, "&amp;").replace(/"/g, "&quot;")}"`,
    );
    return { address: attributes.src, html: `<iframe ${named.join(" ")}></iframe>` };
  };

  /**
   * Fill a line: a button that shows what to copy.
   * @param {HTMLElement} line
   */
  const offer = (line) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Embed";
    button.setAttribute("aria-expanded", "false");
    const box = document.createElement("div");
    box.hidden = true;
    const text = document.createElement("textarea");
    text.readOnly = true;
    text.rows = 4;
    text.setAttribute("aria-label", "HTML that shows this figure in another page");
    const copy = document.createElement("button");
    copy.type = "button";
    copy.textContent = "Copy";
    const alone = document.createElement("a");
    alone.textContent = "Open the figure alone";
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    box.append(text, copy, alone, said);
    line.append(button, box);
    button.addEventListener("click", () => {
      const { address, html } = frame(line);
      text.value = html;
      alone.href = `${location.pathname}${address.slice(address.indexOf("?"))}`;
      const published =
        "This address works beside the book's files. Open the published page for one that works anywhere.";
      said.textContent = location.protocol === "file:" ? published : "";
      box.hidden = !box.hidden;
      button.setAttribute("aria-expanded", String(!box.hidden));
    });
    copy.addEventListener("click", async () => {
      text.select();
      try {
        await navigator.clipboard.writeText(text.value);
        said.textContent = "Copied.";
      } catch {
        said.textContent = "Selected: copy it with the keyboard.";
      }
    });
  };
  document.addEventListener("DOMContentLoaded", () => {
    for (const line of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".figure-embed"))) offer(line);
  });

  // ?embed=MMDByHand: the figure of that name and nothing around it, for another page's frame; ?embed=2: the second one;
  // ?embed=ID: the first one in that section.
  const wanted = new URLSearchParams(location.search).get("embed");
  if (wanted === null) return;
  const root = document.documentElement;
  root.classList.add("embed");
  document.addEventListener("DOMContentLoaded", () => {
    const spaces = document.querySelectorAll("figure-space");
    const space = /^\d+$/.test(wanted)
      ? spaces[Number(wanted) - 1]
      : [...spaces].find((one) => document.getElementById(wanted)?.contains(one));
    if (!space) {
      root.classList.remove("embed");
      return;
    }
    space.classList.add("embed-figure");
    for (let e = space.parentElement; e && e !== root; e = e.parentElement) e.classList.add("embed-path");
    root.classList.add("embed-ready");
  });
})();
