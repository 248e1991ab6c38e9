import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { playerOf } from "../../tlmlda_lib/book/explorables/sound.js";

/** @type {string[]} */
const log = [];
/** @type {any} */
let audio;
/** @type {any} */
let refusal;
let motion = true;
/** @type {(() => void) | undefined} */
let frame;

// As much of a page as a player touches.
Object.assign(globalThis, {
  document: {
    createElement: () => {
      audio = Object.assign(new EventTarget(), {
        src: "",
        paused: true,
        currentTime: 0,
        append() {},
        setAttribute() {},
        getAttribute: () => audio.src,
        play: () => {
          audio.paused = false;
          return refusal ? Promise.reject(refusal) : Promise.resolve();
        },
        pause: () => {
          audio.paused = true;
        },
      });
      return audio;
    },
  },
  matchMedia: () => ({ matches: !motion }),
  requestAnimationFrame: (/** @type {() => void} */ step) => {
    frame = step;
    return 1;
  },
  cancelAnimationFrame: () => {
    frame = undefined;
  },
});

const open = (more = {}) =>
  playerOf({
    say: (words) => log.push(words),
    quiet: () => log.push("quiet"),
    ended: () => log.push("ended"),
    ...more,
  });
const rest = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  log.length = 0;
  refusal = undefined;
  motion = true;
});

test("a clip plays until it is stopped or ends, and takes another's place", () => {
  const player = open();
  assert.equal(player.playing(), false);
  player.play("QUJD");
  assert.equal(audio.src, "data:audio/mpeg;base64,QUJD");
  player.play("blob:null/1");
  assert.equal(audio.src, "blob:null/1");
  assert.equal(player.playing(), true);
  player.halt();
  assert.equal(player.playing(), false);
  player.play("QUJD");
  audio.dispatchEvent(new Event("ended"));
  assert.equal(player.playing(), false);
  assert.deepEqual(log, ["quiet", "quiet", "ended"]);
});

test("what is refused is said; what another clip displaces is not", async () => {
  const player = open();
  refusal = Object.assign(new Error(), { name: "AbortError" });
  player.play("QUJD");
  await rest();
  assert.deepEqual(log, []);
  refusal = Object.assign(new Error(), { name: "NotSupportedError" });
  player.play("QUJD");
  await rest();
  assert.deepEqual(log, ["quiet", "This browser did not play the clip."]);
});

test("an error counts only where there is a source", () => {
  const player = open();
  audio.dispatchEvent(new Event("error"));
  assert.deepEqual(log, []);
  player.play("QUJD");
  audio.dispatchEvent(new Event("error"));
  assert.deepEqual(log, ["quiet", "This browser did not play the clip."]);
});

test("a mark follows the sound until it stops, and only where motion is wanted", () => {
  for (motion of [true, false]) {
    /** @type {number[]} */
    const seconds = [];
    const player = open({ follow: (/** @type {number} */ s) => seconds.push(s) });
    player.play("QUJD");
    audio.currentTime = 0.5;
    frame?.();
    assert.deepEqual(seconds, motion ? [0, 0.5] : []);
    player.halt();
    assert.equal(frame, undefined);
  }
});
