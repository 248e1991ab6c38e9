// Long tables are sorted by a click on a column's name: numbers from the largest, words from A, and back at the next click.
(() => {
  const LONG = 9; // rows; a shorter table is read at a glance

  /** @param {HTMLTableRowElement} row @param {number} column */
  const text = (row, column) => row.cells[column]?.textContent?.trim() ?? "";

  /**
   * The number that a cell begins with; NaN for anything else.
   * @param {string} cell
   */
  const number = (cell) => Number.parseFloat(cell.replace(/^[−–](?=[\d.])/, "-").replace(/^\+/, ""));

  /** @param {HTMLTableElement} table @param {HTMLTableCellElement} head */
  function sort(table, head) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const column = head.cellIndex;
    const full = rows.filter((row) => text(row, column).match(/[\p{L}\d]/u));
    const counted = full.every((row) => !Number.isNaN(number(text(row, column))));
    const first = counted ? "descending" : "ascending";
    const now = head.ariaSort === first ? (counted ? "ascending" : "descending") : first;
    full.sort((a, b) => {
      const [x, y] = [text(a, column), text(b, column)];
      const up = counted ? number(x) - number(y) : x.localeCompare(y, "en", { numeric: true });
      return now === "ascending" ? up : -up;
    });
    for (const other of head.parentElement?.children ?? []) other.removeAttribute("aria-sort");
    head.ariaSort = now;
    body.append(...full, ...rows.filter((row) => !full.includes(row)));
  }

  document.addEventListener("DOMContentLoaded", () => {
    /** @type {NodeListOf<HTMLTableElement>} */
    const tables = document.querySelectorAll(".bd-article table:not(.tl table)");
    for (const table of tables) {
      const heads = table.tHead?.rows.length === 1 ? [...table.tHead.rows[0].cells] : [];
      const plain =
        table.tBodies.length === 1 &&
        ![...table.querySelectorAll("th, td")].some((cell) => {
          const { rowSpan, colSpan } = /** @type {HTMLTableCellElement} */ (cell);
          return rowSpan > 1 || colSpan > 1;
        });
      if (!plain || table.tBodies[0].rows.length < LONG) continue;
      for (const head of heads) {
        if (!head.textContent?.trim() || head.querySelector("a, button")) continue;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "sort";
        button.append(...head.childNodes);
        button.addEventListener("click", () => sort(table, head));
        head.append(button);
      }
    }
  });
})();
