// The size of one cell in the font at hand, and which symbols the font draws exactly one cell wide.

import { isOrdinary, glyphOf } from "./symbols.js";

const PROBE = 200; // characters measured at once: fractions of a pixel add up over a row

// What stands beneath a line of text, in pixels from the top of its row.
const BAND = 8; // a further unit's colours
const BETWEEN = 1;
const AROUND = 2; // around the bands and the guesses
const APART = 8; // between what belongs to one line of text and the next
const GUESSES = 5;

export class Metrics {
  constructor(probe) {
    this.probe = probe;
    this.probe.textContent = "0".repeat(PROBE);
    this.brush = document.createElement("canvas").getContext("2d");
    this.cell = 0;
    this.line = 0; // the height of a line of text
    this.row = 0; // from one line of text to the next, with all that stands between them
    this.bands = 0; // further units shown
    this.guesses = false;
    this.font = "";
    this.fitting = new Map();
    this.widths = new Map();
  }

  // True if anything changed since the last time: a font arrived, the page was zoomed.
  measure() {
    const style = getComputedStyle(this.probe);
    const font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const cell = this.probe.getBoundingClientRect().width / PROBE;
    const line = Math.round(parseFloat(style.lineHeight));
    if (!(cell > 0) || !(line > 0)) return false;
    if (cell === this.cell && line === this.line && font === this.font) return false;
    Object.assign(this, { cell, line, font });
    this.arrange();
    this.brush.font = font;
    this.fitting.clear();
    this.widths.clear();
    return true;
  }

  // Make room beneath each line for so many bands, and for the guesses or not.
  arrange(bands = this.bands, guesses = this.guesses) {
    const { line } = this;
    this.bands = bands;
    this.guesses = guesses;
    this.bandTop = line + AROUND;
    this.guessLine = line - AROUND;
    this.guessTop = line + AROUND + (bands ? bands * (BAND + BETWEEN) - BETWEEN + AROUND : 0);
    const end = guesses ? this.guessTop + GUESSES * this.guessLine : this.guessTop - AROUND;
    this.row = bands || guesses ? end + APART : line;
    this.column = bands || guesses ? end : line; // the height of all that belongs to one symbol
  }

  bandAt(index) {
    return { top: this.bandTop + index * (BAND + BETWEEN), height: BAND };
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
