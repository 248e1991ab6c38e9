// A training step forwards and backwards: the network of TINY (batch.py), source and target as one batch.

/** @import { ByLoss } from "./losses.js" */
import { random } from "./base.js";
import { dynamicWeights, LOSSES } from "./losses.js";
import { KERNELS, kernelMatrix, normal } from "./points.js";

/** @typedef {number[][]} Matrix */

/**
 * Weights, biases, and BatchNorm's gain and shift, in the order of the network's parameters.
 * @typedef {[Matrix, number[], number[], number[], Matrix, number[], Matrix, number[], Matrix, number[]]} Parameters
 */

/** @typedef {ReturnType<typeof forward>} Forward */
/** @typedef {{ t: number, m: Parameters, v: Parameters }} AdamState */

/**
 * What stays the same from batch to batch.
 * @typedef {object} Training
 * @property {Parameters} first parameters to begin with
 * @property {Matrix} clean features, the source's rows before the target's
 * @property {number[]} ys labels of the source
 * @property {number} std standard deviation of the noise
 * @property {number} rate learning rate
 * @property {ByLoss} alpha factors of the losses
 */

/** @typedef {ReturnType<typeof takeBatch>} Batch */

const EPSILON = 1e-5; // of BatchNorm

/**
 * A function of numbers, taken for every number of nested lists.
 * @template T
 * @param {(...values: number[]) => number} f
 * @param {T} first
 * @param {...T} more of the same shape
 * @returns {T}
 */
export function each(f, first, ...more) {
  /** @type {(...given: unknown[]) => unknown} */
  const at = (...given) => {
    const [a] = given;
    if (!Array.isArray(a)) return f(.../** @type {number[]} */ (given));
    return a.map((_, i) => at(...given.map((x) => /** @type {unknown[]} */ (x)[i])));
  };
  return /** @type {T} */ (at(first, ...more));
}

const plus = (/** @type {number} */ a, /** @type {number} */ b) => a + b;
const times = (/** @type {number} */ a, /** @type {number} */ b) => a * b;

/**
 * @param {number[]} a
 * @param {number[]} b
 */
const dot = (a, b) => a.reduce((s, v, i) => s + v * b[i], 0);

/** @type {(m: Matrix) => Matrix} */
const turned = (m) => m[0].map((_, j) => m.map((row) => row[j]));

/** @type {(a: Matrix, b: Matrix) => Matrix} */
const product = (a, b) => {
  const columns = turned(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
};

/** @type {(m: Matrix) => number[]} */
const sums = (m) => turned(m).map((column) => column.reduce(plus, 0));

/** @type {(x: Matrix, w: Matrix, b: number[]) => Matrix} */
const affine = (x, w, b) => x.map((row) => w.map((weights, i) => dot(weights, row) + b[i]));
const sigmoid = (/** @type {number} */ v) => 1 / (1 + Math.exp(-v));

/**
 * The length of all numbers as one vector.
 * @param {unknown} values numbers, and lists of them to any depth
 * @returns {number}
 */
export const length = (values) =>
  Array.isArray(values) ? Math.hypot(...values.map(length)) : Math.abs(Number(values));

/** @param {number[]} scores */
function softmax(scores) {
  const top = Math.max(...scores);
  const e = scores.map((v) => Math.exp(v - top));
  const sum = e.reduce(plus, 0);
  return e.map((v) => v / sum);
}

/**
 * What the network makes of noisy features in training, as tlmlda_lib.networks.TLMLDANetwork computes it.
 * @param {Parameters} parameters
 * @param {Matrix} x
 */
export function forward([w1, b1, gain, shift, w2, b2, w3, b3, w4, b4], x) {
  const a = affine(x, w1, b1);
  const n = a.length;
  const mean = sums(a).map((s) => s / n);
  const spread = turned(a).map((column, j) =>
    Math.sqrt(column.reduce((s, v) => s + (v - mean[j]) ** 2, 0) / n + EPSILON),
  );
  const normed = a.map((row) => row.map((v, j) => (v - mean[j]) / spread[j]));
  const before = normed.map((row) => row.map((v, j) => gain[j] * v + shift[j]));
  const code = each((v) => (v > 0 ? v : Math.expm1(v)), before);
  const rebuilt = each(sigmoid, affine(code, w2, b2));
  const z = each(sigmoid, affine(code, w3, b3));
  const p = affine(z, w4, b4).map(softmax);
  return { spread, normed, before, code, rebuilt, z, p };
}

/**
 * Equations 3 and 4: one column of weights for MMD and one for each class that both domains have.
 * @param {number[]} ys
 * @param {Matrix} p
 * @param {number} ns
 */
function columns(ys, p, ns) {
  const n = p.length;
  const v = Array.from({ length: n }, (_, i) => (i < ns ? 1 / ns : -1 / (n - ns)));
  const guesses = new Set(p.slice(ns).map((row) => row.indexOf(Math.max(...row))));
  const common = p[0].flatMap((_, c) => (ys.includes(c) && guesses.has(c) ? [c] : []));
  const classes = common.map((c) => {
    const labelled = ys.filter((y) => y === c).length;
    const guessed = p.slice(ns).reduce((s, row) => s + row[c], 0);
    return p.map((row, i) => {
      if (i >= ns) return -row[c] / guessed;
      return ys[i] === c ? 1 / labelled : 0;
    });
  });
  return { v, classes };
}

/**
 * The five losses of a batch, as tlmlda_lib.training.trainer.batch_losses computes them, and the gradient of each by
 * itself.
 * @param {Parameters} parameters
 * @param {Matrix} clean
 * @param {Matrix} given with noise
 * @param {number[]} ys
 */
export function step(parameters, clean, given, ys) {
  const ns = ys.length;
  const n = clean.length;
  const out = forward(parameters, given);
  const { k, middle } = kernelMatrix(out.z);
  const { v, classes } = columns(ys, out.p, ns);
  const form = (/** @type {number[]} */ w) =>
    dot(
      w,
      k.map((row) => dot(row, w)),
    );
  const error = (/** @type {number} */ from, /** @type {number} */ to) => {
    const squares = each((r, x) => (r - x) ** 2, out.rebuilt.slice(from, to), clean.slice(from, to)).flat();
    return squares.reduce(plus, 0) / squares.length;
  };
  const losses = {
    S: error(0, ns),
    T: error(ns, n),
    y: ys.reduce((s, y, i) => s - Math.log(out.p[i][y]), 0) / ns,
    MMD: form(v),
    LMMD: classes.length ? classes.map(form).reduce(plus, 0) / classes.length : 0,
  };
  const gradients = Object.fromEntries(
    Object.entries(starts(out, clean, ys, middle, v, classes)).map(([name, start]) => [
      name,
      backward(parameters, given, out, start),
    ]),
  );
  return { ...out, losses, gradients };
}

/** @typedef {{ rebuilt: Matrix, z: Matrix, scores: Matrix }} Start slopes along what comes out of the network */

/**
 * Where each loss begins to go backwards.
 * @param {Forward} out
 * @param {Matrix} clean
 * @param {number[]} ys
 * @param {number} middle bandwidth, held fixed
 * @param {number[]} v weights of MMD
 * @param {number[][]} classes weights of LMMD
 * @returns {Record<string, Start>}
 */
function starts(out, clean, ys, middle, v, classes) {
  const ns = ys.length;
  const d = clean[0].length;
  // The kernel's slope along squared distance.
  const slope = out.z.map((a) =>
    out.z.map((b) => {
      const far = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;
      return KERNELS.reduce((s, m) => s + Math.exp(-far / (m * middle)) / (m * middle), 0);
    }),
  );
  const pull = (/** @type {number[]} */ w) =>
    out.z.map((a, i) =>
      [0, 1].map((c) => -4 * out.z.reduce((s, b, j) => s + w[i] * w[j] * slope[i][j] * (a[c] - b[c]), 0)),
    );
  const none = (/** @type {Matrix} */ m) => each(() => 0, m);
  const zero = { rebuilt: none(out.rebuilt), z: none(out.z), scores: none(out.p) };
  const missed = (/** @type {number} */ from, /** @type {number} */ to) =>
    out.rebuilt.map((row, i) =>
      row.map((r, j) => (i >= from && i < to ? (2 * (r - clean[i][j])) / ((to - from) * d) : 0)),
    );
  const scores = out.p.map((row, i) => row.map((q, c) => (i < ns ? (q - Number(ys[i] === c)) / ns : 0)));
  const byClass = classes.map(pull).reduce((s, m) => each((a, b) => a + b / classes.length, s, m), zero.z);
  return {
    S: { ...zero, rebuilt: missed(0, ns) },
    T: { ...zero, rebuilt: missed(ns, clean.length) },
    y: { ...zero, scores },
    MMD: { ...zero, z: pull(v) },
    LMMD: { ...zero, z: byClass },
  };
}

/**
 * From slopes along what comes out to slopes along the parameters.
 * @param {Parameters} parameters
 * @param {Matrix} x
 * @param {Forward} out
 * @param {Start} from
 * @returns {Parameters}
 */
function backward([, , gain, , w2, , w3, , w4], x, out, from) {
  const head = from.scores;
  const throughSigmoid = (/** @type {number} */ slope, /** @type {number} */ v) => slope * v * (1 - v);
  const emotion = each(throughSigmoid, each(plus, from.z, product(head, w4)), out.z);
  const decoder = each(throughSigmoid, from.rebuilt, out.rebuilt);
  const code = each(plus, product(emotion, w3), product(decoder, w2));
  const before = each((slope, v) => slope * (v > 0 ? 1 : Math.exp(v)), code, out.before);
  const normed = before.map((row) => row.map((v, j) => v * gain[j]));
  const n = x.length;
  const total = sums(normed);
  const along = sums(each(times, normed, out.normed));
  const encoder = normed.map((row, i) =>
    row.map((v, j) => (v - total[j] / n - (out.normed[i][j] * along[j]) / n) / out.spread[j]),
  );
  const weights = (/** @type {Matrix} */ slopes, /** @type {Matrix} */ input) => product(turned(slopes), input);
  return [
    weights(encoder, x),
    sums(encoder),
    sums(each(times, before, out.normed)),
    sums(before),
    weights(decoder, out.code),
    sums(decoder),
    weights(emotion, out.code),
    sums(emotion),
    weights(head, out.z),
    sums(head),
  ];
}

/**
 * Adam as torch.optim.Adam has it.
 * @param {AdamState} state
 * @param {Parameters} parameters
 * @param {Parameters} gradient
 * @param {number} rate
 * @returns {[Parameters, AdamState]} the parameters after it, and its state
 */
export function adam(state, parameters, gradient, rate) {
  const t = state.t + 1;
  const m = each((a, g) => 0.9 * a + 0.1 * g, state.m, gradient);
  const v = each((a, g) => 0.999 * a + 0.001 * g * g, state.v, gradient);
  const after = each(
    (p, a, b) => p - ((rate / (1 - 0.9 ** t)) * a) / (Math.sqrt(b) / Math.sqrt(1 - 0.999 ** t) + 1e-8),
    parameters,
    m,
    v,
  );
  return [after, { t, m, v }];
}

/**
 * The noise of a batch, in thousandths; the same every time.
 * @param {Matrix} clean
 * @param {number} k how many batches came before
 * @returns {Matrix}
 */
export function drawn(clean, k) {
  const next = random(2022 + k);
  return clean.map((row) => row.map(() => Math.round(normal(next) * 1000) / 1000));
}

/**
 * One batch, which holds all data and so is an epoch: equation 6 uses the losses of the batch before, and in the first
 * all losses count as equally large.
 * @param {Training} training
 * @param {{ after: Parameters, state: AdamState, losses: ByLoss } | undefined} before
 * @param {Matrix} noise
 */
export function takeBatch({ first, clean, ys, std, rate, alpha }, before, noise) {
  const parameters = before?.after ?? first;
  const zeros = () => each(() => 0, first);
  const given = each((x, e) => x + std * e, clean, noise);
  const out = step(parameters, clean, given, ys);
  const weights = dynamicWeights(before?.losses ?? Object.fromEntries(LOSSES.map((name) => [name, 0])), alpha);
  const gradient = LOSSES.map((name) => each((g) => weights[name] * g, out.gradients[name])).reduce((s, g) =>
    each(plus, s, g),
  );
  const [after, state] = adam(before?.state ?? { t: 0, m: zeros(), v: zeros() }, parameters, gradient, rate);
  /** @type {ByLoss} */
  const losses = out.losses;
  const total = LOSSES.reduce((s, name) => s + weights[name] * losses[name], 0);
  return { ...out, losses, parameters, noise, given, weights, gradient, total, after, state };
}
