// The size of one cell in the font at hand, and which symbols the font draws exactly one cell wide.

import { isOrdinary, glyphOf } from "./symbols.js";

const PROBE = 200; // characters measured at once: fractions of a pixel add up over a row

export class Metrics {
  constructor(probe) {
    this.probe = probe;
    this.probe.textContent = "0".repeat(PROBE);
    this.brush = document.createElement("canvas").getContext("2d");
    this.cell = 0;
    this.row = 0;
    this.font = "";
    this.fitting = new Map();
    this.widths = new Map();
  }

  // True if anything changed since the last time: a font arrived, the page was zoomed.
  measure() {
    const style = getComputedStyle(this.probe);
    const font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const cell = this.probe.getBoundingClientRect().width / PROBE;
    const row = Math.round(parseFloat(style.lineHeight));
    if (!(cell > 0) || !(row > 0)) return false;
    if (cell === this.cell && row === this.row && font === this.font) return false;
    Object.assign(this, { cell, row, font });
    this.brush.font = font;
    this.fitting.clear();
    this.widths.clear();
    return true;
  }

  // Whether a symbol may stand in a run of text without moving what follows it: over a whole row
  // of them the drift must stay under a quarter of a cell.
  fits(codePoint) {
    let fits = this.fitting.get(codePoint);
    if (fits === undefined) {
      fits = isOrdinary(codePoint)
        && Math.abs(this.#width(glyphOf(codePoint)) - this.#width("0")) < this.cell / 800;
      this.fitting.set(codePoint, fits);
    }
    return fits;
  }

  // What must be put between evenly wide symbols for each to take two cells; negative if nothing can.
  gap(codePoint) {
    return 2 * this.cell - this.#width(glyphOf(codePoint));
  }

  // By how much a glyph must shrink to stay in its cells.
  shrink(glyph, cells) {
    return Math.min(1, (cells * this.cell) / Math.max(1, this.#width(glyph)));
  }

  #width(glyph) {
    let width = this.widths.get(glyph);
    if (width === undefined) {
      width = this.brush.measureText(glyph).width;
      this.widths.set(glyph, width);
    }
    return width;
  }
}
