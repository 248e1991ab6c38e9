// One clip at a time, for every explorable that plays some.

import { make } from "./base.js";

/**
 * Plays clips, one at a time.
 * @param {object} how
 * @param {() => void} how.quiet called when a clip has ended or was stopped
 * @param {(words: string) => void} how.say told where a browser cannot play it
 */
export function playerOf({ quiet, say }) {
  /** @type {HTMLAudioElement} */
  const element = make("audio", { preload: "none", ended: halt, error: () => element.src && failed() });

  /** @param {string} mp3 as base64 */
  function play(mp3) {
    element.src = `data:audio/mpeg;base64,${mp3}`;
    // Another clip, or a stop, ends the attempt: that is no failure.
    element.play().catch((error) => {
      if (error.name !== "AbortError") failed();
    });
  }

  function halt() {
    element.pause();
    quiet();
  }

  function failed() {
    halt();
    say("This browser did not play the clip.");
  }

  return { element, play, halt };
}
