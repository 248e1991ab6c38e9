// Quizzes: say about what was chosen whether it is right, and why. The markup is written by _ext/quiz.py.

document.addEventListener("DOMContentLoaded", () => {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form.quiz"))) answer(form);

  /** @param {HTMLFormElement} form */
  function answer(form) {
    const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (form.querySelector(selector));
    const inputs = [...form.querySelectorAll("input")];
    /** @type {HTMLElement[]} */
    const reasons = [...part(".quiz-reasons").querySelectorAll("li")];
    const verdict = part(".quiz-verdict");
    const right = (/** @type {HTMLInputElement} */ input) => reasons[Number(input.value)].dataset.right === "1";
    const labelOf = (/** @type {HTMLInputElement} */ input) => /** @type {HTMLElement} */ (input.closest("label"));
    const clear = () => {
      verdict.replaceChildren();
      for (const input of inputs) delete labelOf(input).dataset.verdict;
    };
    const line = (/** @type {(Node | string)[]} */ ...words) => {
      const p = document.createElement("p");
      p.append(...words);
      return p;
    };

    part(".quiz-reasons").hidden = true;
    part("button").hidden = false;
    form.addEventListener("change", clear);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clear();
      const chosen = inputs.filter((input) => input.checked);
      const lines = chosen.map((input) => {
        labelOf(input).dataset.verdict = right(input) ? "right" : "wrong";
        return line(...[...reasons[Number(input.value)].childNodes].map((node) => node.cloneNode(true)));
      });
      const all = inputs.filter(right).length;
      const found = chosen.filter(right).length;
      if (!chosen.length) lines.push(line("Choose an answer first."));
      else if (all > 1) lines.push(line(`You have found ${found} of the ${all} right answers.`));
      verdict.replaceChildren(...lines);
    });
  }
});
