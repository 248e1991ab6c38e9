// What those explorables share that draw and play clips. base.py puts this text between base.js and name.js.
// A clip has seconds, wave (lowest and highest sample of each bin, percent), pitch (Hz, 0 without voice), step, centre.

// Scales that all clips of one explorable share.
function scalesOf(clips) {
  const voiced = clips.flatMap((c) => c.pitch.filter((f) => f > 0));
  return {
    longest: Math.max(...clips.map((c) => c.seconds)),
    low: Math.min(75, ...voiced),
    high: Math.max(400, ...voiced),
  };
}

const pitchAt = (f, height, { low, high }) => height * (0.94 - 0.88 * (Math.log(f / low) / Math.log(high / low)));

// The waveform of a clip in a box, its samples times gain.
function waveOf(clip, width, height, { longest }, gain = 1) {
  const [lows, highs] = clip.wave,
    n = lows.length;
  const at = (v, i) =>
    `${((width * clip.seconds * (i + 0.5)) / n / longest).toFixed(1)} ${((height / 2) * (1 - (gain * v) / 100)).toFixed(1)}`;
  return make("svg:path", { class: "tl-wave", d: `M${[...highs.map(at), ...lows.map(at).reverse()].join("L")}Z` });
}

// The pitch of a clip in a box: a line wherever there is a voice.
function pitchOf(clip, width, height, scales, name = "tl-pitch") {
  let contour = "",
    pen = "M";
  clip.pitch.forEach((f, i) => {
    const t = i * clip.step + clip.centre;
    if (!f || t > clip.seconds) {
      pen = "M";
      return;
    }
    contour += `${pen}${((width * t) / scales.longest).toFixed(1)} ${pitchAt(f, height, scales).toFixed(1)}`;
    pen = "L";
  });
  return make("svg:path", { class: name, d: contour });
}

// Axes, as wide as there is space, around what draw(width, height) gives.
function enlargeClip(svg, available, scales, draw) {
  const { longest, low, high } = scales;
  const space = Math.max(280, Math.min(available, 720)),
    left = 44,
    top = 8,
    width = space - left - 10,
    height = 160;
  const text = (x, y, words, anchor = "middle") => make("svg:text", { x, y, "text-anchor": anchor }, words);
  const line = (x1, y1, x2, y2) => make("svg:line", { x1, y1, x2, y2 });
  const apart = longest > 3 ? 1 : longest > 1.5 ? 0.5 : 0.25;
  const times = Array.from({ length: Math.floor(longest / apart) + 1 }, (_, i) => i * apart);
  const pitches = [50, 75, 100, 150, 200, 300, 400, 600].filter((f) => f >= low && f <= high);
  svg.setAttribute("viewBox", `0 0 ${space} 212`);
  svg.replaceChildren(
    ...times.flatMap((t) => {
      const x = left + (width * t) / longest;
      return [line(x, top + height, x, top + height + 5), text(x, top + height + 19, String(t))];
    }),
    ...pitches.flatMap((f) => {
      const y = top + pitchAt(f, height, scales);
      return [line(left - 5, y, left + width, y), text(left - 9, y + 4, String(f), "end")];
    }),
    text(left + width / 2, top + height + 38, "seconds; shape: sound, line: pitch in Hz"),
    make("svg:g", { transform: `translate(${left} ${top})` }, ...draw(width, height)),
  );
}
