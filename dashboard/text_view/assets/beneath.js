// What stands beneath each line of text: further units as bands of colour, and the guesses.

import { blankPixels } from "./colours.js";
import { makeElement } from "./frame.js";
import { blocksFor, Guesses, readGuesses } from "./guesses.js";
import { blend, packChannels, packColour } from "./palette.js";
import { fillRuns } from "./rows.js";
import { nextKey, NEXT_COUNT, TILE, tileKey } from "./source.js";

// The colour of a certain guess; the text on it keeps a contrast of at least 5.
const SURE = { light: "#ef8a80", dark: "#a3302a" };

const RANKS = ["first", "second", "third", "fourth", "fifth"];

export class Beneath {
  // `view` answers: source, lines, text, metrics, rows, first, colouring, tableOf(unit).
  constructor(view, { bands, hits }) {
    this.view = view;
    this.canvas = bands;
    this.hits = hits;
    this.units = []; // further units, from the top
    this.guesses = null; // null: not shown
    this.painted = "";
    this.changes = 0;
  }

  // Show these from now on; the rows must be filled again.
  show(units, guesses) {
    this.units = units;
    if (!guesses) this.guesses = null;
    else if (this.guesses?.vocabulary !== this.view.vocabulary) {
      this.guesses = new Guesses(this.view.vocabulary);
    }
    this.touch();
  }

  // Paint again even if the same rows are in view.
  touch() {
    this.changes += 1;
  }

  retint(theme, paper, ink) {
    this.ink = ink;
    this.paper = packColour(paper);
    this.shades = Uint32Array.from({ length: 256 },
      (_, share) => packChannels(blend([paper, SURE[theme]], share / 255)));
    this.touch();
  }

  reset() {
    this.guesses?.reset();
    this.touch();
  }

  get shown() {
    return this.units.length > 0 || this.guesses !== null;
  }

  // Whether something that has arrived belongs here.
  isFor(key) {
    const belongs = key.startsWith("next/") ? this.guesses !== null
      : this.units.some((unit) => key.startsWith(tileKey(unit, "")) || this.view.colouring.needs(unit).includes(key));
    if (belongs) this.touch();
    return belongs;
  }

  // What is needed for all rows in view, and then for as many again below them.
  needs(unit) {
    const { visible } = this.view.rows;
    if (!this.shown || visible.length === 0) return [];
    const [start, stop] = [visible[0].start, visible[visible.length - 1].stop];
    const most = this.view.text.length;
    const keys = [];
    for (const [from, to] of [[start, stop], [stop, Math.min(most, 2 * stop - start)]]) {
      if (from >= to) continue;
      if (this.guesses) {
        const [first, last] = blocksFor(from, to);
        for (let block = first; block <= last; block++) keys.push(nextKey(block));
      }
      for (const each of [unit, ...this.units]) {
        keys.push(...this.view.colouring.needs(each));
        for (let tile = Math.floor(from / TILE); tile * TILE < to; tile++) keys.push(tileKey(each, tile));
      }
    }
    return keys;
  }

  // Put the guesses beneath a row's text, if they are known.
  dress(slot) {
    const wanted = this.guesses !== null && slot.start < slot.stop;
    if (slot.beneath !== null && slot.beneath.hidden === wanted) slot.beneath.hidden = !wanted;
    if (!wanted || slot.guesses !== null) return;
    const { lines, source, metrics } = this.view;
    const { start } = lines.documents[lines.documentAt(slot.start)];
    slot.guesses = readGuesses(slot.start, slot.stop, start, (block) => source.cached(nextKey(block)));
    slot.beneath ??= makeBeneath(slot.element);
    slot.beneath.style.top = `${metrics.guessTop}px`;
    const runs = slot.guesses === null ? [] : this.guesses.runs(slot.guesses, slot.cells, metrics);
    for (let rank = 0; rank < NEXT_COUNT; rank++) {
      fillRuns(slot.beneath.children[rank], runs[rank] ?? [], metrics.cell);
    }
  }

  // For the card of a symbol: how well it was expected, where the guesses are shown.
  expectation(position) {
    const slot = this.view.rows.visible.find((each) => position >= each.start && position < each.stop);
    if (this.guesses === null || !slot?.guesses) return "";
    const at = position - slot.start;
    if (slot.guesses.ids[NEXT_COUNT * at] < 0) return "The document begins here: nothing was expected.";
    const rank = this.guesses.rankOf(this.view.text[position], slot.guesses, at);
    if (rank < 0) return "It was not among the five guesses.";
    const share = (100 * slot.guesses.shares[NEXT_COUNT * at + rank]) / 255;
    return `It was the ${RANKS[rank]} guess, with ${share < 0.5 ? "<1" : Math.round(share)}%.`;
  }

  paint() {
    const { canvas, hits, view } = this;
    if (canvas.hidden === this.shown) canvas.hidden = !this.shown;
    if (hits.hidden !== (this.guesses === null)) hits.hidden = this.guesses === null;
    if (!this.shown) return;
    const { metrics, lines } = view;
    const slots = view.rows.visible;
    const now = [view.first, slots.length, metrics.row, metrics.cell, lines.columns, devicePixelRatio,
      this.changes].join();
    if (now === this.painted) return;
    this.painted = now;
    const width = lines.columns + 1;
    for (const { style } of [canvas, hits]) {
      style.width = `${width * metrics.cell}px`;
      style.height = `${slots.length * metrics.row}px`;
    }
    this.#paintCells(slots, width);
    if (this.guesses) this.#paintHits(slots, width);
  }

  // A pixel a cell wide and one a pixel high; clear where the text stands over its own colours.
  #paintCells(slots, width) {
    const { metrics } = this.view;
    const { row, line } = metrics;
    const [pixels, image] = blankPixels(this.canvas, width, slots.length * row);
    slots.forEach((slot, index) => {
      const top = index * row;
      pixels.fill(this.paper, (top + line) * width, (top + row) * width);
      if (slot.start === slot.stop) return;
      const put = (from, height, shadeAt) => {
        const begin = (top + from) * width;
        for (let at = slot.start; at < slot.stop; at++) {
          const cell = at - slot.start;
          pixels.fill(shadeAt(at), begin + slot.cells[cell], begin + slot.cells[cell + 1]);
        }
        for (let y = 1; y < height; y++) pixels.copyWithin(begin + y * width, begin, begin + width);
      };
      this.units.forEach((unit, place) => {
        const { top: from, height } = metrics.bandAt(place);
        put(from, height, this.#coloursOf(unit));
      });
      for (let rank = 0; slot.guesses !== null && rank < NEXT_COUNT; rank++) {
        const shares = slot.guesses.shares.subarray(rank);
        put(metrics.guessTop + rank * metrics.guessLine, metrics.guessLine,
          (at) => this.shades[shares[NEXT_COUNT * (at - slot.start)]]);
      }
    });
    this.canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // A function from positions to a unit's colours; paper while its tile is on the way.
  #coloursOf(unit) {
    const table = this.view.tableOf(unit);
    let tile = -1;
    let codes;
    return (at) => {
      if (Math.floor(at / TILE) !== tile) {
        tile = Math.floor(at / TILE);
        codes = this.view.source.cached(tileKey(unit, tile));
      }
      return codes === undefined ? this.paper : table[codes[at - tile * TILE] & 255];
    };
  }

  // Lines around the guesses that came true, as sharp as the screen can show them. Neighbours of the
  // same rank share one outline: a box for each would be darker than the text.
  #paintHits(slots, width) {
    const { metrics, text } = this.view;
    const { cell, row, guessTop, guessLine } = metrics;
    const scale = devicePixelRatio;
    this.hits.width = Math.round(width * cell * scale); // also empties it
    this.hits.height = Math.max(1, Math.round(slots.length * row * scale));
    const brush = this.hits.getContext("2d");
    const thick = Math.max(1, Math.round(scale));
    const sharp = (value) => Math.round(value * scale) + thick / 2;
    const outline = (left, right, top) => {
      const [x, y] = [sharp(left * cell), sharp(top)];
      brush.rect(x, y, sharp(right * cell) - x - thick, sharp(top + guessLine) - y - thick);
    };
    brush.strokeStyle = this.ink;
    brush.globalAlpha = 0.75;
    brush.lineWidth = thick;
    brush.beginPath();
    slots.forEach((slot, index) => {
      if (slot.guesses === null) return;
      let [rank, from] = [-1, slot.start];
      for (let at = slot.start; at <= slot.stop; at++) {
        const now = at === slot.stop ? -1 : this.guesses.rankOf(text[at], slot.guesses, at - slot.start);
        if (now === rank) continue;
        if (rank >= 0) {
          outline(slot.cells[from - slot.start], slot.cells[at - slot.start],
            index * row + guessTop + rank * guessLine);
        }
        [rank, from] = [now, at];
      }
    });
    brush.stroke();
  }
}

function makeBeneath(row) {
  const ranks = Array.from({ length: NEXT_COUNT }, () => makeElement("span", "guess"));
  const element = makeElement("span", "guesses", { "aria-hidden": "true" }, ...ranks);
  row.append(element);
  return element;
}
