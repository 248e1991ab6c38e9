// The arithmetic of a training step, forwards and backwards. base.js and points.js stand before this text.

const LOSSES = ["S", "T", "y", "MMD", "LMMD"];
const EPSILON = 1e-5; // of BatchNorm

// Arithmetic on nested lists.
const each = (f, ...a) => (Array.isArray(a[0]) ? a[0].map((_, i) => each(f, ...a.map((x) => x[i]))) : f(...a));
const dot = (a, b) => a.reduce((s, v, i) => s + v * b[i], 0);
const turned = (m) => m[0].map((_, j) => m.map((row) => row[j]));
const product = (a, b) => a.map((row) => turned(b).map((column) => dot(row, column)));
const sums = (m) => turned(m).map((column) => column.reduce((s, v) => s + v, 0));
const affine = (x, w, b) => x.map((row) => w.map((weights, i) => dot(weights, row) + b[i]));
const sigmoid = (v) => 1 / (1 + Math.exp(-v));
const length = (values) => Math.sqrt(values.flat(3).reduce((s, v) => s + v * v, 0));

// The network of TINY, source and target as one batch: what tlmlda_lib.networks.TLMLDANetwork does in training.
function forward([w1, b1, gain, shift, w2, b2, w3, b3, w4, b4], x) {
  const a = affine(x, w1, b1),
    n = a.length,
    mean = sums(a).map((s) => s / n);
  const spread = turned(a).map((column, j) =>
    Math.sqrt(column.reduce((s, v) => s + (v - mean[j]) ** 2, 0) / n + EPSILON),
  );
  const normed = a.map((row) => row.map((v, j) => (v - mean[j]) / spread[j]));
  const before = normed.map((row) => row.map((v, j) => gain[j] * v + shift[j]));
  const code = each((v) => (v > 0 ? v : Math.expm1(v)), before);
  const rebuilt = each(sigmoid, affine(code, w2, b2));
  const z = each(sigmoid, affine(code, w3, b3));
  const p = affine(z, w4, b4).map((s) => {
    const top = Math.max(...s),
      e = s.map((v) => Math.exp(v - top)),
      sum = e.reduce((u, v) => u + v, 0);
    return e.map((v) => v / sum);
  });
  return { spread, normed, before, code, rebuilt, z, p };
}

// Equations 3 and 4: one column of weights for MMD and one for each class that both domains have.
function columns(ys, p, ns) {
  const n = p.length,
    C = p[0].length,
    v = Array.from({ length: n }, (_, i) => (i < ns ? 1 / ns : -1 / (n - ns)));
  const guesses = new Set(p.slice(ns).map((row) => row.indexOf(Math.max(...row))));
  const classes = Array.from({ length: C }, (_, c) => c)
    .filter((c) => ys.includes(c) && guesses.has(c))
    .map((c) => {
      const labelled = ys.filter((y) => y === c).length,
        guessed = p.slice(ns).reduce((s, row) => s + row[c], 0);
      return p.map((row, i) => (i < ns ? (ys[i] === c ? 1 / labelled : 0) : -row[c] / guessed));
    });
  return { v, classes };
}

// The five losses of a batch, as tlmlda_lib.training.trainer.batch_losses gives them, and the gradient of each by itself.
function step(parameters, clean, given, ys) {
  const ns = ys.length,
    n = clean.length,
    d = clean[0].length,
    out = forward(parameters, given);
  const { k, middle } = kernelMatrix(out.z),
    { v, classes } = columns(ys, out.p, ns);
  const form = (w) =>
    dot(
      w,
      k.map((row) => dot(row, w)),
    );
  const error = (from, to) =>
    out.rebuilt
      .slice(from, to)
      .flatMap((row, i) => row.map((r, j) => (r - clean[from + i][j]) ** 2))
      .reduce((s, e) => s + e, 0) /
    ((to - from) * d);
  const losses = {
    S: error(0, ns),
    T: error(ns, n),
    y: ys.reduce((s, y, i) => s - Math.log(out.p[i][y]), 0) / ns,
    MMD: form(v),
    LMMD: classes.length ? classes.reduce((s, w) => s + form(w), 0) / classes.length : 0,
  };
  // Backwards. The kernel's slope along squared distance, with the bandwidth held fixed.
  const slope = out.z.map((a) =>
    out.z.map((b) => {
      const far = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;
      return KERNELS.reduce((s, m) => s + Math.exp(-far / (m * middle)) / (m * middle), 0);
    }),
  );
  const pull = (w) =>
    out.z.map((a, i) =>
      [0, 1].map((c) => -4 * out.z.reduce((s, b, j) => s + w[i] * w[j] * slope[i][j] * (a[c] - b[c]), 0)),
    );
  const none = (m) => each(() => 0, m),
    zero = { rebuilt: none(out.rebuilt), z: none(out.z), scores: none(out.p) };
  const missed = (from, to) =>
    out.rebuilt.map((row, i) =>
      row.map((r, j) => (i >= from && i < to ? (2 * (r - clean[i][j])) / ((to - from) * d) : 0)),
    );
  const starts = {
    S: { ...zero, rebuilt: missed(0, ns) },
    T: { ...zero, rebuilt: missed(ns, n) },
    y: { ...zero, scores: out.p.map((row, i) => row.map((q, c) => (i < ns ? (q - (ys[i] === c)) / ns : 0))) },
    MMD: { ...zero, z: pull(v) },
    LMMD: { ...zero, z: classes.map(pull).reduce((s, m) => each((a, b) => a + b / classes.length, s, m), zero.z) },
  };
  const gradients = Object.fromEntries(LOSSES.map((name) => [name, backward(parameters, given, out, starts[name])]));
  return { ...out, losses, gradients };
}

// From slopes along what comes out to slopes along the ten parameters, in their order.
function backward([, , gain, , w2, , w3, , w4], x, out, from) {
  const head = from.scores;
  const emotion = each(
    (slope, z) => slope * z * (1 - z),
    each((a, b) => a + b, from.z, product(head, w4)),
    out.z,
  );
  const decoder = each((slope, r) => slope * r * (1 - r), from.rebuilt, out.rebuilt);
  const code = each((a, b) => a + b, product(emotion, w3), product(decoder, w2));
  const before = each((slope, v) => slope * (v > 0 ? 1 : Math.exp(v)), code, out.before);
  const normed = before.map((row) => row.map((v, j) => v * gain[j])),
    n = x.length;
  const total = sums(normed),
    along = sums(each((a, b) => a * b, normed, out.normed));
  const encoder = normed.map((row, i) =>
    row.map((v, j) => (v - total[j] / n - (out.normed[i][j] * along[j]) / n) / out.spread[j]),
  );
  const weights = (slopes, input) => product(turned(slopes), input);
  return [
    weights(encoder, x),
    sums(encoder),
    sums(each((a, b) => a * b, before, out.normed)),
    sums(before),
    weights(decoder, out.code),
    sums(decoder),
    weights(emotion, out.code),
    sums(emotion),
    weights(head, out.z),
    sums(head),
  ];
}

// Equation 6, and Adam as torch.optim.Adam has it.
function dynamicWeights(losses, alpha) {
  const total = LOSSES.reduce((s, name) => s + losses[name], 0);
  return Object.fromEntries(LOSSES.map((name) => [name, (alpha[name] * losses[name]) / total]));
}
function adam(state, parameters, gradient, rate) {
  const t = state.t + 1,
    m = each((a, g) => 0.9 * a + 0.1 * g, state.m, gradient),
    v = each((a, g) => 0.999 * a + 0.001 * g * g, state.v, gradient);
  const after = each(
    (p, a, b) => p - ((rate / (1 - 0.9 ** t)) * a) / (Math.sqrt(b) / Math.sqrt(1 - 0.999 ** t) + 1e-8),
    parameters,
    m,
    v,
  );
  return [after, { t, m, v }];
}
