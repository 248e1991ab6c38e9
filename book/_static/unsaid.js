// The list of what the paper does not say: leave out what does not match. The markup is written by _ext/unsaid.py.

document.addEventListener("DOMContentLoaded", () => {
  /** @type {HTMLElement | null} */
  const field = document.querySelector(".unsaid-filter");
  const input = field?.querySelector("input");
  const output = field?.querySelector("output");
  if (!field || !input || !output) return;
  /** @type {NodeListOf<HTMLElement>} */
  const sections = document.querySelectorAll("section.unsaid");

  function filter() {
    const asked = input?.value.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
    let found = 0;
    for (const section of sections) {
      const heading = section.querySelector("h2")?.textContent ?? "";
      let left = 0;
      for (const entry of /** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll(".unsaid-entry"))) {
        const text = `${heading} ${entry.textContent}`.toLowerCase();
        entry.hidden = !asked.every((word) => text.includes(word));
        if (!entry.hidden) left += 1;
      }
      section.hidden = left === 0;
      found += left;
    }
    if (output) output.textContent = asked.length ? `${found} ${found === 1 ? "entry" : "entries"}` : "";
  }

  field.hidden = false;
  input.addEventListener("input", filter);
  filter();
});
