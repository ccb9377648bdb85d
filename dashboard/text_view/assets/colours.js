// The colours behind the text: one pixel a cell, enlarged by the browser without smoothing.

import { TILE } from "./source.js";

export const STRIPE = 2; // pixels: the height of an underline

// Paint all visible rows. `read(k)` gives tile k of the unit, or undefined while it is on its way:
// its cells stay clear. Returns how many symbols had no tile.
export function paintColours(canvas, slots, columns, table, read) {
  const [pixels, image] = blankPixels(canvas, columns + 1, slots.length);
  let missing = 0;
  slots.forEach((slot, line) => {
    let tile = -1;
    let codes;
    for (let at = slot.start; at < slot.stop; at++) {
      if (Math.floor(at / TILE) !== tile) {
        tile = Math.floor(at / TILE);
        codes = read(tile);
      }
      if (codes === undefined) {
        missing += 1;
        continue;
      }
      const colour = table[codes[at - tile * TILE] & 255];
      const first = line * (columns + 1);
      const from = slot.cells[at - slot.start];
      const to = slot.cells[at - slot.start + 1];
      for (let cell = from; cell < to; cell++) pixels[first + cell] = colour;
    }
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return missing;
}

// Underline the marked spans: `marks` is [start, stop, start, stop, ...], sorted and apart. A row is
// `row` pixels high, the line of text at its top `line`.
export function paintUnderlines(canvas, slots, columns, marks, ink, { line, row }) {
  canvas.hidden = marks.length === 0;
  if (canvas.hidden) return;
  const width = columns + 1;
  const [pixels, image] = blankPixels(canvas, width, slots.length * Math.round(row / STRIPE));
  slots.forEach((slot, index) => {
    const bottom = (index * Math.round(row / STRIPE) + Math.round(line / STRIPE) - 1) * width;
    for (let pair = firstPair(marks, slot.start); pair < marks.length; pair += 2) {
      const from = Math.max(marks[pair], slot.start);
      const to = Math.min(marks[pair + 1], slot.stop);
      if (marks[pair] >= slot.stop) break;
      if (from >= to) continue;
      pixels.fill(ink, bottom + slot.cells[from - slot.start], bottom + slot.cells[to - slot.start]);
    }
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Where the first span that ends after `position` begins in the flat list.
function firstPair(marks, position) {
  let low = 0;
  let high = marks.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[2 * middle + 1] > position) high = middle;
    else low = middle + 1;
  }
  return 2 * low;
}

// An empty image of a canvas, as pixels and as what can be put there.
export function blankPixels(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = Math.max(1, height);
  }
  const image = new ImageData(width, Math.max(1, height));
  return [new Uint32Array(image.data.buffer), image];
}
