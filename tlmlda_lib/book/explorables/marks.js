// What those explorables share in which a mark in a plane plays its clip. base.py puts this text between base.js and
// name.js. `sounding` are the numbers of the marks that can be heard, `at(i)` says where in the picture a mark lies.

function soundingMarks({ clips, sounding, marks, picture, at, choose, say }) {
  const player = make("audio", { preload: "none", ended: halt, error: () => player.src && failed() });
  let playing = -1;

  // The nearest mark that can be heard, if a finger or a mouse came close to it.
  function point(event) {
    const frame = picture.getBoundingClientRect(),
      x = event.clientX - frame.x,
      y = event.clientY - frame.y;
    const far = (i) => Math.hypot(at(i)[0] - x, at(i)[1] - y);
    const best = sounding.reduce((a, b) => (far(b) < far(a) ? b : a), sounding[0]);
    if (best === undefined || far(best) > 24) return;
    marks[best].focus({ preventScroll: true });
    choose(best);
    play(best);
  }

  function keys(event, i) {
    if (event.key === "Escape") halt();
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return playing === i ? halt() : play(i);
    }
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [
      0, 0,
    ];
    if (!dx && !dy) return;
    event.preventDefault();
    // The nearest in that direction; what lies aside counts double.
    const [x, y] = at(i),
      cost = (j) => {
        const a = at(j)[0] - x,
          b = at(j)[1] - y,
          along = a * dx + b * dy;
        return along > 0.5 ? along + 2 * Math.abs(a * dy + b * dx) : Infinity;
      };
    const best = sounding.filter((j) => j !== i).reduce((a, b) => (cost(b) < cost(a) ? b : a), i);
    if (best !== i && cost(best) < Infinity) marks[best].focus();
  }

  function play(i) {
    halt();
    playing = i;
    marks[i].classList.add("tl-playing");
    player.src = `data:audio/mpeg;base64,${clips[i].audio}`;
    player.play().catch((error) => {
      if (error.name !== "AbortError") failed();
    });
  }

  function halt() {
    player.pause();
    if (playing >= 0) marks[playing].classList.remove("tl-playing");
    playing = -1;
  }

  function failed() {
    halt();
    say("This browser did not play the clip.");
  }

  return { player, point, keys, halt };
}
