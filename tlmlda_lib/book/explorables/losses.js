// The five losses: their names, the look of their lines, equation 6; for every explorable that has them.

import { make } from "./base.js";

/** @typedef {Record<string, number>} ByLoss a number for each loss */

/** In the library's order, tlmlda_lib.training.options.FIVE. */
export const LOSSES = ["S", "T", "y", "MMD", "LMMD"];

/**
 * Patterns of their lines, which tell those apart whose colours are alike.
 * @type {Record<string, string>}
 */
export const DASHES = { S: "", T: "7 3", y: "", MMD: "8 3 2 3", LMMD: "2 3" };

/**
 * A piece of a loss's line, for a legend or a table.
 * @param {string} name
 */
export const keyOf = (name) =>
  make(
    "svg:svg",
    { class: "tl-sample", viewBox: "0 0 26 10", "aria-hidden": "true" },
    make("svg:path", { d: "M0 5H26", class: `tl-of-${name}`, "stroke-dasharray": DASHES[name] }),
  );

/**
 * Equation 6, as tlmlda_lib.weighting.dynamic_weights computes it.
 * @param {ByLoss} losses
 * @param {ByLoss} alpha
 * @returns {ByLoss}
 */
export function dynamicWeights(losses, alpha) {
  const names = Object.keys(losses);
  const total = names.reduce((s, n) => s + losses[n], 0);
  return Object.fromEntries(
    names.map((n) => [n, total === 0 ? alpha[n] / names.length : (alpha[n] * losses[n]) / total]),
  );
}
