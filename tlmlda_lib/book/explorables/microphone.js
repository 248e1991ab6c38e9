// From the microphone, or a file, to samples: one channel, 16 kHz.

export const RATE = 16000;
// Seconds.
export const LONGEST = 10;

const INSTEAD = "Open a sound file instead.";

/**
 * Why this page cannot record, in a sentence; nothing where it may be tried.
 * @returns {string | null}
 */
export function unable() {
  // What browsers call it, and that some have it, is in no standard yet.
  const { permissionsPolicy, featurePolicy } =
    /** @type {Record<string, { allowsFeature?: (name: string) => boolean } | undefined>} */ (
      /** @type {unknown} */ (document)
    );
  const policy = permissionsPolicy ?? featurePolicy;
  if (policy?.allowsFeature && !policy.allowsFeature("microphone"))
    return `The frame in which this cell lies is not allowed to use the microphone. ${INSTEAD}`;
  // The types say that each browser has it: on other than https pages it has not.
  const devices = /** @type {MediaDevices | undefined} */ (navigator.mediaDevices);
  if (devices?.getUserMedia) return null;
  return window.isSecureContext
    ? `This browser has no microphone for pages. ${INSTEAD}`
    : `Browsers lend the microphone to https pages and to localhost alone, and this address is neither. ${INSTEAD}`;
}

/**
 * What getUserMedia's error means, in a sentence.
 * @param {any} error
 */
export function because(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "The microphone was refused. Allow it for this page in the browser, or open a sound file instead.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "No microphone was found. Connect one, or open a sound file instead.";
    case "NotReadableError":
    case "AbortError":
      return `The microphone does not answer: another program may hold it. ${INSTEAD}`;
    default:
      return `The microphone did not start (${error?.name ?? error}). ${INSTEAD}`;
  }
}

const TAP = `registerProcessor("tl-tap", class extends AudioWorkletProcessor {
  process([[block]]) {
    if (block) this.port.postMessage(block.slice());
    return true;
  }
})`;

/**
 * A node that hands on every block of samples; the older kind where a page's rules forbid the newer.
 * @param {AudioContext} context
 * @param {(block: Float32Array) => void} hand
 * @returns {Promise<AudioNode>}
 */
async function tapOf(context, hand) {
  const url = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(url);
    const node = new AudioWorkletNode(context, "tl-tap");
    node.port.onmessage = (event) => hand(event.data);
    return node;
  } catch {
    const node = context.createScriptProcessor(4096, 1, 1);
    node.onaudioprocess = (event) => hand(event.inputBuffer.getChannelData(0).slice());
    return node;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * Record until what it returns is called, or for LONGEST seconds. What browsers do to calls is switched off: they would
 * even out what is to be measured.
 * @param {object} how
 * @param {(peak: number, seconds: number) => void} how.level gets the peak of each twentieth of a second, and the time
 * @param {(samples: Float32Array<ArrayBuffer> | null, error?: unknown) => void} how.ended gets the samples, or an
 *   error
 * @returns {Promise<() => void>}
 */
export async function record({ level, ended }) {
  const raw = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: raw });
  /** @type {Float32Array[]} */
  const blocks = [];
  /** @type {AudioContext | undefined} */
  let context;
  let count = 0;
  let told = 0;
  let peak = 0;
  let over = false;
  const release = () => {
    over = true;
    for (const track of stream.getTracks()) track.stop();
    return context?.close().catch(() => {});
  };

  async function stop() {
    if (over) return;
    const rate = context?.sampleRate;
    release(); // not waited for: the samples are here
    const whole = joined(blocks);
    blocks.length = 0;
    try {
      ended(whole.length ? await decoded(wavOf(whole, rate)) : whole);
    } catch (error) {
      ended(null, error);
    }
  }

  try {
    const opened = new AudioContext();
    context = opened;
    const source = opened.createMediaStreamSource(stream);
    const silent = opened.createGain();
    silent.gain.value = 0;
    const tap = await tapOf(opened, (block) => {
      if (over) return;
      blocks.push(block);
      count += block.length;
      peak = block.reduce((most, v) => Math.max(most, Math.abs(v)), peak);
      if (count - told >= opened.sampleRate / 20) {
        level(peak, count / opened.sampleRate);
        told = count;
        peak = 0;
      }
      if (count >= LONGEST * opened.sampleRate) stop();
    });
    source.connect(tap).connect(silent).connect(opened.destination);
    for (const track of stream.getTracks()) track.addEventListener("ended", stop);
    await opened.resume();
  } catch (error) {
    await release();
    throw error;
  }
  return stop;
}

/**
 * Blocks of samples as one.
 * @param {Float32Array[]} blocks
 */
export function joined(blocks) {
  const whole = new Float32Array(blocks.reduce((n, block) => n + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
}

/**
 * A sound file's bytes as samples. Browsers change the rate well when they decode, and badly when they play.
 * @param {ArrayBuffer} bytes
 */
export async function decoded(bytes) {
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
  return mixed(Array.from({ length: sound.numberOfChannels }, (_, c) => sound.getChannelData(c)));
}

/**
 * The mean of channels.
 * @param {Float32Array<ArrayBuffer>[]} channels
 */
export const mixed = (channels) => channels[0].map((_, i) => channels.reduce((s, c) => s + c[i], 0) / channels.length);

/**
 * Samples as a WAV file's bytes: one channel, 16 bits.
 * @param {Float32Array} samples
 */
export function wavOf(samples, rate = RATE) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const word = (/** @type {number} */ at, /** @type {string} */ letters) => {
    for (const [i, c] of [...letters].entries()) view.setUint8(at + i, c.charCodeAt(0));
  };
  word(0, "RIFF");
  view.setUint32(4, 36 + 2 * samples.length, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((v, i) => {
    view.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round(32768 * v))), true);
  });
  return view.buffer;
}
