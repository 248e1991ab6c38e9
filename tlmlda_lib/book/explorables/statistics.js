// Means, intervals, orders and draws over runs that were recorded.

import { random } from "./base.js";

/** @param {readonly number[]} values */
export const sum = (values) => values.reduce((s, v) => s + v, 0);

/** @param {readonly number[]} values */
export const mean = (values) => sum(values) / values.length;

/**
 * Half of the t interval of a mean over seeds, as tlmlda_lib.experiments.policy.interval has it; null for fewer than
 * three.
 * @param {readonly number[]} values one of each seed
 * @param {readonly (number | null)[]} quantiles of Student's t, by the number of seeds
 */
export function halfWidth(values, quantiles) {
  const n = values.length;
  const t = quantiles[n];
  if (n < 3 || !t) return null;
  const m = mean(values);
  return t * Math.sqrt(sum(values.map((v) => (v - m) ** 2)) / (n - 1) / n);
}

/** @typedef {{ seeds: readonly number[], values: readonly number[] }} BySeed */

/**
 * First minus second, of the seeds that both have, in the order of the first.
 * @param {BySeed} first
 * @param {BySeed} second
 */
export const paired = (first, second) =>
  first.seeds.flatMap((seed, i) => {
    const j = second.seeds.indexOf(seed);
    return j < 0 ? [] : [first.values[i] - second.values[j]];
  });

/**
 * Numbers of the values, the highest first; of equal ones the earlier.
 * @param {readonly number[]} values
 */
export const ranking = (values) => values.map((_, i) => i).sort((a, b) => values[b] - values[a] || a - b);

/**
 * Every outcome of k draws with replacement: how often each seed came, and its probability.
 * @param {number} seeds how many there are
 * @param {number} k
 */
export function outcomes(seeds, k) {
  const factorial = [1];
  for (let i = 1; i <= k; i++) factorial.push(factorial[i - 1] * i);
  const ways = factorial[k] / seeds ** k;
  /** @type {{ times: number[], share: number }[]} */
  const found = [];
  const split = (/** @type {number} */ left, /** @type {number[]} */ taken) => {
    if (taken.length === seeds - 1) {
      const times = [...taken, left];
      found.push({ times, share: ways / times.reduce((p, n) => p * factorial[n], 1) });
      return;
    }
    for (let n = 0; n <= left; n++) split(left - n, [...taken, n]);
  };
  split(k, []);
  return found;
}

/**
 * The seeds of one draw with replacement, by their places: the same for the same number.
 * @param {number} seeds how many there are
 * @param {number} k
 * @param {number} number of the draw
 */
export function drawn(seeds, k, number) {
  const next = random(7919 * number + k);
  return Array.from({ length: k }, () => Math.floor(next() * seeds));
}
