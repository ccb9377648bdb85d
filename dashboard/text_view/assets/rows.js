// The visible rows as real text, in elements that are used again when they scroll out of sight.

import { glyphOf, isEvenlyWide, isUnseen, NEWLINE, SPACE, TAB } from "./symbols.js";

// How a symbol is set: in a run, or alone in its cells.
const PLAIN = { kind: "run", gap: 0 };
export const ALONE = { kind: "glyph", gap: 0 };
const BOXED = { kind: "glyph boxed", gap: 0 };

const FAR = 2000; // rows from the base; further, numbers in pixels would lose their fractions

export class Rows {
  constructor(layer) {
    this.layer = layer;
    this.slots = [];
    this.base = 0; // the row at the layer's top: rows stay where they are while the layer moves
    this.visible = []; // the slots in use, top to bottom
  }

  // Forget what the rows hold: the layout, the font or the marks changed.
  reset() {
    for (const slot of this.slots) slot.row = -1;
  }

  // `dress(slot)` adds what stands beneath a row's text.
  show(lines, first, count, metrics, spaces, dress) {
    while (this.slots.length < count) this.slots.push(makeSlot(this.layer));
    if (Math.abs(first - this.base) > FAR) this.base = first;
    this.layer.style.transform = `translateY(${(this.base - first) * metrics.row}px)`;
    const size = this.slots.length;
    this.visible = [];
    for (let row = first; row < first + size; row++) {
      const slot = this.slots[row % size];
      const shown = row < first + count && row < lines.count;
      if (slot.element.hidden === shown) slot.element.hidden = !shown;
      if (!shown) continue;
      if (slot.row !== row) fillSlot(slot, lines, row, metrics, spaces);
      dress(slot);
      place(slot, (row - this.base) * metrics.row);
      this.visible.push(slot);
    }
  }

  // Draw the selection [start, stop) as lines around its cells: a tint would hide their colours.
  choose(start, stop, cell) {
    for (const slot of this.visible) {
      const from = Math.max(start, slot.start);
      const to = Math.min(stop, slot.stop);
      if (slot.chosen.hidden !== from >= to) slot.chosen.hidden = from >= to;
      if (from >= to) continue;
      const left = slot.cells[from - slot.start];
      slot.chosen.style.left = `${left * cell}px`;
      slot.chosen.style.width = `${(slot.cells[to - slot.start] - left) * cell}px`;
      slot.chosen.classList.toggle("first", from === start);
      slot.chosen.classList.toggle("last", to === stop);
    }
  }
}

function makeSlot(layer) {
  const [element, text, marks, chosen] = ["div", "span", "span", "i"].map(
    (tag) => document.createElement(tag));
  element.className = "row";
  text.className = "text";
  marks.className = "marks";
  marks.setAttribute("aria-hidden", "true");
  chosen.className = "chosen";
  chosen.hidden = true;
  element.append(text, marks, chosen);
  layer.append(element);
  return {
    element, text, marks, chosen, row: -1, top: -1, start: 0, stop: 0, cells: null,
    guesses: null, beneath: null, // what beneath.js puts there
  };
}

function place(slot, top) {
  if (slot.top === top) return;
  slot.top = top;
  slot.element.style.transform = `translateY(${top}px)`;
}

function fillSlot(slot, lines, row, metrics, spaces) {
  const header = lines.headerAt(row);
  slot.row = row;
  slot.start = lines.starts[row];
  slot.stop = lines.starts[row + 1];
  slot.cells = lines.cells(row);
  slot.guesses = null;
  slot.element.classList.toggle("header", header >= 0);
  slot.marks.textContent = "";
  if (header >= 0) {
    slot.text.textContent = lines.documents[header].name;
    return;
  }
  const symbols = lines.text.subarray(slot.start, slot.stop);
  fillRuns(slot.text, runsOf(symbols, slot.cells, metrics), metrics.cell);
  slot.marks.textContent = marksOf(symbols, slot.cells, metrics, spaces);
}

// A row as stretches of text that the font sets on the grid by itself or with a fixed gap, and single
// glyphs that must be put there.
function runsOf(symbols, cells, metrics) {
  const runs = [];
  for (let at = 0; at < symbols.length && symbols[at] !== NEWLINE; at++) {
    const symbol = symbols[at];
    const width = cells[at + 1] - cells[at];
    const text = symbol === TAB ? " ".repeat(width) : glyphOf(symbol);
    addToRuns(runs, settingOf(symbol, metrics), text, cells[at], width, metrics);
  }
  return runs;
}

// Set a glyph at a column: at the end of the last run if it is of the same kind, else apart.
export function addToRuns(runs, { kind, gap }, text, column, width, metrics) {
  const alone = kind.startsWith("glyph");
  let run = runs[runs.length - 1];
  const skipped = run === undefined ? 0 : column - run.column - run.width;
  const joins = run !== undefined && run.kind === kind && run.gap === gap && !alone;
  if (!joins || (skipped > 0 && gap > 0)) {
    runs.push((run = { kind, gap, column, width: 0, text: "", scale: 1 }));
  } else if (skipped > 0) {
    run.text += " ".repeat(skipped);
    run.width += skipped;
  }
  run.text += text;
  run.width += width;
  if (alone) run.scale = metrics.shrink(text, width);
}

export function fillRuns(element, runs, cell) {
  if (runs.length === 1 && runs[0].kind === "run" && runs[0].column === 0) {
    element.textContent = runs[0].text;
  } else {
    element.replaceChildren(...runs.map((run) => runElement(run, cell)));
  }
}

export function settingOf(symbol, metrics) {
  if (symbol === TAB || (symbol >= SPACE && symbol < 127)) return PLAIN;
  if (metrics.fits(symbol)) return PLAIN;
  if (isUnseen(symbol)) return BOXED;
  const gap = isEvenlyWide(symbol) ? metrics.gap(symbol) : -1;
  return gap < 0 ? ALONE : { kind: "run even", gap };
}

function runElement(run, cell) {
  const element = document.createElement("span");
  element.className = run.kind;
  element.style.left = `${run.column * cell + run.gap / 2}px`;
  element.style.width = `${run.width * cell}px`;
  if (run.gap > 0) element.style.letterSpacing = `${run.gap}px`;
  if (run.scale < 1) element.style.fontSize = `${run.scale}em`;
  element.textContent = run.text;
  return element;
}

function marksOf(symbols, cells, metrics, spaces) {
  const arrow = metrics.fits(0x2192) ? "\u2192" : "\u00bb";
  let marks = "";
  for (let at = 0; at < symbols.length; at++) {
    const symbol = symbols[at];
    if (symbol === NEWLINE) return marks.padEnd(cells[at]) + "\u21b5";
    if (symbol === TAB) marks = marks.padEnd(cells[at]) + arrow;
    else if (symbol === SPACE && spaces) marks = marks.padEnd(cells[at]) + "\u00b7";
  }
  return marks;
}

