// One clip at a time, for every explorable that plays some.

import { make } from "./base.js";

/**
 * Plays clips, one at a time.
 * @param {object} how
 * @param {() => void} how.quiet called when a clip has ended or was stopped
 * @param {(words: string) => void} how.say told where a browser cannot play it
 * @param {() => void} [how.ended] called after `quiet` when a clip came to its end by itself
 * @param {(seconds: number) => void} [how.follow] told again and again where the clip is, if the reader wants motion
 */
export function playerOf({ quiet, say, ended, follow }) {
  const finished = () => {
    halt();
    ended?.();
  };
  // An element whose source was taken away has an error, too.
  const error = () => element.getAttribute("src") && failed();
  /** @type {HTMLAudioElement} */
  const element = make("audio", { preload: "none", ended: finished, error });
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let frame = 0;

  /** @param {string} sound an MP3 as base64, or the address of a blob */
  function play(sound) {
    cancelAnimationFrame(frame);
    element.src = sound.startsWith("blob:") ? sound : `data:audio/mpeg;base64,${sound}`;
    // Another clip, or a stop, ends the attempt: that is no failure.
    element.play().catch((error) => {
      if (error.name !== "AbortError") failed();
    });
    if (follow && !still.matches) step();
  }

  function step() {
    follow?.(element.currentTime);
    frame = requestAnimationFrame(step);
  }

  function halt() {
    cancelAnimationFrame(frame);
    element.pause();
    quiet();
  }

  function failed() {
    halt();
    say("This browser did not play the clip.");
  }

  return { element, play, halt, playing: () => !element.paused };
}
