document.addEventListener("DOMContentLoaded", () => {
  const mj = window.MathJax;
  if (mj && !mj.Hub) mj.Hub = { Queue: ([, , el]) => mj.startup?.promise.then(() => mj.typesetPromise([el])) };
});
