// The network's guesses for each symbol, made before it read that symbol, as text in the same cells.

import { ALONE, addToRuns, settingOf } from "./rows.js";
import { NEXT_BLOCK, NEXT_COUNT } from "./source.js";
import { cellsOf, glyphOf, NEWLINE, SPACE, TAB, toText } from "./symbols.js";

// What has no shape of its own, but is guessed all the time.
const SHAPES = new Map([[NEWLINE, 0x21b5], [TAB, 0x2192], [SPACE, 0xb7]]);
const NOTHING = -1;
const UNKNOWN = "\ufffd";
const UNKNOWN_ID = -2; // where the vocabulary has none

export class Guesses {
  constructor(vocabulary) {
    this.vocabulary = vocabulary;
    this.places = new Map(vocabulary.map((entry, id) => [entry, id]));
    this.faces = new Map();
  }

  // Forget how symbols are set: the font changed.
  reset() {
    this.faces.clear();
  }

  // The vocabulary's index of a symbol of the text; of the unknown one where it lacks the symbol.
  idOf(symbol) {
    return this.places.get(toText(symbol)) ?? this.places.get(UNKNOWN);
  }

  // Which of the guesses for a symbol came true: 0 to 4, or -1. `at` counts from the first guessed.
  rankOf(symbol, guesses, at) {
    const id = this.idOf(symbol);
    return guesses.ids.subarray(NEXT_COUNT * at, NEXT_COUNT * (at + 1)).indexOf(id ?? UNKNOWN_ID);
  }

  // The rows of text beneath a row of symbols, likeliest first: runs as in rows.js.
  runs(guesses, cells, metrics) {
    const count = cells.length - 1;
    return Array.from({ length: NEXT_COUNT }, (_, rank) => {
      const runs = [];
      for (let at = 0; at < count; at++) {
        const id = guesses.ids[NEXT_COUNT * at + rank];
        if (id !== NOTHING) this.#add(runs, id, cells[at], cells[at + 1] - cells[at], metrics);
      }
      return runs;
    });
  }

  #add(runs, id, column, room, metrics) {
    const face = this.#faceOf(id, metrics);
    const alone = face.cells > room || (face.cells === 1 && room === 2); // shrunk, or in the middle
    addToRuns(runs, alone ? ALONE : face.setting, face.text, column,
      alone ? room : face.cells, metrics);
  }

  #faceOf(id, metrics) {
    let face = this.faces.get(id);
    if (face === undefined) {
      face = faceOf(this.vocabulary[id] ?? UNKNOWN, metrics);
      this.faces.set(id, face);
    }
    return face;
  }
}

function faceOf(entry, metrics) {
  const symbols = Array.from(entry, (part) => part.codePointAt(0));
  if (symbols.length !== 1) return { text: symbols.map(glyphOf).join(""), cells: 1, setting: ALONE };
  const symbol = SHAPES.get(symbols[0]) ?? symbols[0];
  return { text: glyphOf(symbol), cells: cellsOf(symbol), setting: settingOf(symbol, metrics) };
}

// The guesses for the symbols [start, stop) of one document, five a symbol: ids, and probabilities of
// 0 to 255. What is expected at a symbol stands with the symbol before it; before a document's first
// there is none. `read(block)` gives a block of predictions; null while one is on its way.
export function readGuesses(start, stop, first, read) {
  const ids = new Int32Array(NEXT_COUNT * (stop - start)).fill(NOTHING);
  const shares = new Uint8Array(ids.length);
  let number = -1;
  let block;
  for (let at = Math.max(start, first + 1); at < stop; at++) {
    const before = at - 1;
    if (Math.floor(before / NEXT_BLOCK) !== number) {
      number = Math.floor(before / NEXT_BLOCK);
      const bytes = read(number);
      if (bytes === undefined) return null;
      const values = bytes.byteLength / 3;
      block = { ids: new Uint16Array(bytes.buffer, bytes.byteOffset, values), shares: bytes.subarray(2 * values) };
    }
    const from = NEXT_COUNT * (before - number * NEXT_BLOCK);
    const to = NEXT_COUNT * (at - start);
    for (let rank = 0; rank < NEXT_COUNT; rank++) {
      ids[to + rank] = block.ids[from + rank];
      shares[to + rank] = block.shares[from + rank];
    }
  }
  return { ids, shares };
}

// The blocks of predictions that `readGuesses` needs for [start, stop): first and last.
export function blocksFor(start, stop) {
  return [Math.max(0, start - 1), Math.max(0, stop - 2)].map((at) => Math.floor(at / NEXT_BLOCK));
}
