// From the microphone, or a file, to samples: one channel, 16 kHz. base.py puts this text between base.js and name.js.

const RATE = 16000,
  LONGEST = 10;

// Why this page cannot record, in a sentence; nothing where it may be tried.
function unable() {
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  if (policy?.allowsFeature && !policy.allowsFeature("microphone"))
    return "The frame in which this cell lies is not allowed to use the microphone. Open a sound file instead.";
  if (navigator.mediaDevices?.getUserMedia) return null;
  return window.isSecureContext
    ? "This browser has no microphone for pages. Open a sound file instead."
    : "Browsers lend the microphone to https pages and to localhost alone, and this address is neither. Open a sound file instead.";
}

// What getUserMedia's error means, in a sentence.
function because(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "The microphone was refused. Allow it for this page in the browser, or open a sound file instead.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "No microphone was found. Connect one, or open a sound file instead.";
    case "NotReadableError":
    case "AbortError":
      return "The microphone does not answer: another program may hold it. Open a sound file instead.";
    default:
      return `The microphone did not start (${error?.name ?? error}). Open a sound file instead.`;
  }
}

const TAP =
  "registerProcessor('tl-tap', class extends AudioWorkletProcessor { process([[block]]) { if (block) this.port.postMessage(block.slice()); return true; } })";

// A node that hands on every block of samples; the older kind where a page's rules forbid the newer.
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

// Record until stop() or for LONGEST seconds. `level` gets the peak of each twentieth of a second and the time so far, `ended` the
// samples, or an error. What browsers do to calls is switched off: they would even out what is to be measured.
async function record({ level, ended }) {
  const raw = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: raw });
  const blocks = [];
  let context,
    count = 0,
    told = 0,
    peak = 0,
    over = false;
  async function stop() {
    if (over) return;
    over = true;
    stream.getTracks().forEach((track) => track.stop());
    const rate = context?.sampleRate;
    context?.close().catch(() => {}); // not waited for: the samples are here
    const whole = new Float32Array(count);
    let at = 0;
    for (const block of blocks) {
      whole.set(block, at);
      at += block.length;
    }
    blocks.length = 0;
    try {
      ended(count ? await decoded(wavOf(whole, rate)) : whole);
    } catch (error) {
      ended(null, error);
    }
  }
  try {
    context = new AudioContext();
    const source = context.createMediaStreamSource(stream),
      silent = context.createGain();
    silent.gain.value = 0;
    const tap = await tapOf(context, (block) => {
      if (over) return;
      blocks.push(block);
      count += block.length;
      peak = block.reduce((most, v) => Math.max(most, Math.abs(v)), peak);
      if (count - told >= context.sampleRate / 20) {
        level(peak, count / context.sampleRate);
        told = count;
        peak = 0;
      }
      if (count >= LONGEST * context.sampleRate) stop();
    });
    source.connect(tap).connect(silent).connect(context.destination);
    stream.getTracks().forEach((track) => track.addEventListener("ended", stop));
    await context.resume();
  } catch (error) {
    over = true;
    stream.getTracks().forEach((track) => track.stop());
    await context?.close().catch(() => {});
    throw error;
  }
  return stop;
}

// A sound file's bytes as samples. Browsers change the rate well when they decode, and badly when they play.
async function decoded(bytes) {
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
  const channels = Array.from({ length: sound.numberOfChannels }, (_, c) => sound.getChannelData(c));
  return Float32Array.from(
    { length: sound.length },
    (_, i) => channels.reduce((s, c) => s + c[i], 0) / channels.length,
  );
}

// Samples as a WAV file's bytes: one channel, 16 bits.
function wavOf(samples, rate = RATE) {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const word = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
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
  samples.forEach((v, i) => view.setInt16(44 + 2 * i, Math.max(-32768, Math.min(32767, Math.round(32768 * v))), true));
  return view.buffer;
}
