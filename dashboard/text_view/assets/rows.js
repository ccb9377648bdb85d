// The visible rows as real text, in elements that are used again when they scroll out of sight.

import { glyphOf, isEvenlyWide, isUnseen, NEWLINE, SPACE, TAB } from "./symbols.js";

// How a symbol is set: in a run, or alone in its cells.
const PLAIN = { kind: "run", gap: 0 };
const ALONE = { kind: "glyph", gap: 0 };
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

  show(lines, first, count, metrics, spaces) {
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
  return { element, text, marks, chosen, row: -1, top: -1, start: 0, stop: 0, cells: null };
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
  slot.element.classList.toggle("header", header >= 0);
  slot.marks.textContent = "";
  if (header >= 0) {
    slot.text.textContent = lines.documents[header].name;
    return;
  }
  const symbols = lines.text.subarray(slot.start, slot.stop);
  const runs = runsOf(symbols, slot.cells, metrics);
  if (runs.length === 1 && runs[0].kind === "run" && runs[0].column === 0) {
    slot.text.textContent = runs[0].text;
  } else {
    slot.text.replaceChildren(...runs.map((run) => runElement(run, metrics.cell)));
  }
  slot.marks.textContent = marksOf(symbols, slot.cells, metrics, spaces);
}

// A row as stretches of text that the font sets on the grid by itself or with a fixed gap, and single
// glyphs that must be put there.
function runsOf(symbols, cells, metrics) {
  const runs = [];
  for (let at = 0; at < symbols.length && symbols[at] !== NEWLINE; at++) {
    const symbol = symbols[at];
    const width = cells[at + 1] - cells[at];
    const { kind, gap } = settingOf(symbol, metrics);
    let run = runs[runs.length - 1];
    if (run === undefined || kind.startsWith("glyph") || run.kind !== kind || run.gap !== gap) {
      runs.push((run = { kind, gap, column: cells[at], width: 0, text: "", scale: 1 }));
    }
    run.text += symbol === TAB ? " ".repeat(width) : glyphOf(symbol);
    run.width += width;
    if (kind.startsWith("glyph")) run.scale = metrics.shrink(run.text, width);
  }
  return runs;
}

function settingOf(symbol, metrics) {
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

