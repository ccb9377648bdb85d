// What a colour means: the value itself, or its place among all values of its unit.
//
// The same as analysis/colour_scales.py: from how often a unit has each code over the whole recording
// (`counts`, 256 numbers, code -128 first) to each code's share of the way through the palette.

import { scaleText } from "./palette.js";

export const SCALES = {
  raw: ["raw values", "the value itself"],
  maximum: ["share of maximum", "of its greatest magnitude"],
  quantile: ["rank", "among its values, median in the middle"],
  z: ["z score", "standard deviations from its mean"],
};
const REACH = 3;
const GATES = "iforz";
const MIDDLE = 128; // where code 0 stands

const valueOf = (place) => Math.max(-127, place - MIDDLE) / 127;

// Whether a unit's signal goes from -1 to 1; gates go from 0 to 1. Other names count as signed.
export function isSigned(unit) {
  const signal = unit.split(".")[1] ?? "";
  return !(signal.length === 1 && GATES.includes(signal));
}

// Whether a unit's values are never negative, though their codes and colours begin in the middle: losses.
export function beginsAtZero(unit) {
  return unit.startsWith("loss.");
}

// Shares of all codes, in [0, 1], code -128 first. Without counts: raw.
export function sharesOf(counts, scale, signed) {
  if (counts !== null && scale === "quantile") return ranksOf(counts);
  const [low, , high] = boundsOf(counts, scale, signed);
  return Float64Array.from({ length: 256 }, (_, place) => {
    if (high - low < 1e-9) return 0.5; // it never varies
    return Math.min(1, Math.max(0, (valueOf(place) - low) / (high - low)));
  });
}

// What the first, the middle and the last colour stand for, as they are written beside the legend.
// `reach` is the value at code 127.
export function endsOf(counts, scale, signed, reach) {
  const names = counts === null ? [] : { quantile: ["lowest", "median", "highest"],
    z: ["\u22123 sd =", "mean", "+3 sd ="] }[scale] ?? [];
  const values = counts !== null && scale === "quantile" ? quantilesOf(counts) : boundsOf(counts, scale, signed);
  return values.map((value, at) => (names[at] ? `${names[at]} ` : "") + scaleText(value * reach));
}

function boundsOf(counts, scale, signed) {
  if (counts !== null && scale === "z") {
    const [mean, spread] = meanAndSpread(counts);
    return [mean - REACH * spread, mean, mean + REACH * spread];
  }
  const most = counts !== null && scale === "maximum" ? greatest(counts) : 1;
  return signed ? [-most, 0, most] : [0, most / 2, most];
}

function greatest(counts) {
  let most = 0;
  counts.forEach((count, place) => { if (count) most = Math.max(most, Math.abs(valueOf(place))); });
  return most;
}

function totalOf(counts) {
  return counts.reduce((sum, count) => sum + count, 0);
}

function ranksOf(counts) {
  const total = totalOf(counts);
  let below = 0;
  return Float64Array.from(counts, (count) => {
    below += count;
    return total === 0 ? 0.5 : (below - count / 2) / total;
  });
}

function quantilesOf(counts) {
  const half = totalOf(counts) / 2;
  if (half === 0) return [0, 0, 0];
  let below = 0;
  const median = counts.findIndex((count) => (below += count) >= half);
  const last = 255 - Array.from(counts).reverse().findIndex((count) => count > 0);
  return [counts.findIndex((count) => count > 0), median, last].map(valueOf);
}

function meanAndSpread(counts) {
  const total = totalOf(counts);
  if (total === 0) return [0, 0];
  let [mean, squares] = [0, 0];
  counts.forEach((count, place) => { mean += (count * valueOf(place)) / total; });
  counts.forEach((count, place) => { squares += count * (valueOf(place) - mean) ** 2; });
  return [mean, Math.sqrt(squares / total)];
}
