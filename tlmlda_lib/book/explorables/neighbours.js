// Utterances in a plane: who lies beside whom, what is recognised, and an utterance in words.

/**
 * An utterance.
 * @typedef {object} Point
 * @property {string} corpus
 * @property {number} place 0 or 1: which of the two corpora
 * @property {string} emotion
 * @property {string} speaker
 * @property {string} [audio]
 */

/**
 * The utterances under one scaling.
 * @typedef {object} Scaling
 * @property {string} name
 * @property {number[][]} xy
 * @property {string[]} predicted an emotion, or "" where none was asked for
 */

/** @typedef {{ corpus: number, emotion: number, recognised: number }} Shares recognised is NaN without predictions */

/**
 * For each of some points the numbers of its nearest neighbours among others, the nearest first; the earlier one if two
 * are equally far.
 * @param {number[][]} xy
 * @param {number[]} of
 * @param {number[]} among
 * @param {number} k
 */
export const nearest = (xy, of, among, k) =>
  of.map((i) =>
    among
      .filter((j) => j !== i)
      .map((j) => [(xy[i][0] - xy[j][0]) ** 2 + (xy[i][1] - xy[j][1]) ** 2, j])
      .sort((p, q) => p[0] - q[0] || p[1] - q[1])
      .slice(0, k)
      .map(([, j]) => j),
  );

/**
 * Share of the neighbours that have what the point itself has.
 * @param {number[]} of
 * @param {number[][]} neighbours of each
 * @param {(i: number) => unknown} what
 */
export function shared(of, neighbours, what) {
  const same = neighbours.flatMap((list, n) => list.map((j) => what(of[n]) === what(j)));
  return same.filter(Boolean).length / same.length;
}

/**
 * The three shares under a scaling: neighbours of one's own corpus; of the second corpus's neighbours in the first,
 * those of one's own emotion; of the predictions, the right ones.
 * @param {Point[]} points
 * @param {Scaling} scaling
 * @param {number} k neighbours
 * @returns {Shares}
 */
export function sharesOf(points, { xy, predicted }, k) {
  const all = points.map((_, i) => i);
  const [here, there] = [0, 1].map((place) => all.filter((i) => points[i].place === place));
  const asked = all.filter((i) => predicted[i]);
  return {
    corpus: shared(all, nearest(xy, all, all, k), (i) => points[i].place),
    emotion: shared(there, nearest(xy, there, here, k), (i) => points[i].emotion),
    recognised: asked.filter((i) => predicted[i] === points[i].emotion).length / asked.length,
  };
}

/**
 * An utterance in words.
 * @param {Point} point
 * @param {string} predicted
 */
export function captionOf({ emotion, corpus, speaker }, predicted) {
  const taken = predicted === emotion ? ", recognised" : `, taken for ${predicted}`;
  return `${emotion}, ${corpus}, speaker ${speaker}${predicted ? taken : ""}`;
}
