// Quizzes: say about what was chosen whether it is right, and why. The markup is written by _ext/quiz.py.

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form.quiz")) {
    const inputs = [...form.querySelectorAll("input")];
    const reasons = [...form.querySelectorAll(".quiz-reasons li")];
    const verdict = form.querySelector(".quiz-verdict");
    const right = (input) => reasons[Number(input.value)].dataset.right === "1";
    const clear = () => {
      verdict.replaceChildren();
      for (const input of inputs) delete input.closest("label").dataset.verdict;
    };

    form.querySelector(".quiz-reasons").hidden = true;
    form.querySelector("button").hidden = false;
    form.addEventListener("change", clear);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clear();
      const chosen = inputs.filter((input) => input.checked);
      const lines = chosen.map((input) => {
        input.closest("label").dataset.verdict = right(input) ? "right" : "wrong";
        const line = document.createElement("p");
        line.append(...[...reasons[Number(input.value)].childNodes].map((node) => node.cloneNode(true)));
        return line;
      });
      const all = inputs.filter(right).length;
      if (!chosen.length) {
        lines.push(document.createElement("p"));
        lines[0].textContent = "Choose an answer first.";
      } else if (all > 1) {
        const line = document.createElement("p");
        line.textContent = `You have found ${chosen.filter(right).length} of the ${all} right answers.`;
        lines.push(line);
      }
      verdict.replaceChildren(...lines);
    });
  }
});
