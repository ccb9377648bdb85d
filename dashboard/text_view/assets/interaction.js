// What a person does to the view: caret, selection, hovering, copying, keys.

import { pressKey } from "./keys.js";
import { Pointer, Selection, wordAround } from "./selection.js";
import { joinText, symbolName } from "./symbols.js";
import { Tooltip } from "./tooltip.js";

export class Interaction {
  constructor(view) {
    this.view = view;
    this.part = view.part;
    this.selection = new Selection();
    this.tooltip = new Tooltip(view.part.tooltip, view);
    this.pointer = new Pointer(view.part.pane, this);
    this.goalColumn = -1;
    this.finished = null; // the selection last reported
    this.hovering = 0;
    const { scroller } = view.part;
    scroller.onkeydown = (event) => {
      if (!view.lines || !pressKey(this, event)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    scroller.onkeyup = (event) => event.key === "Shift" && this.finishSelection();
    scroller.oncopy = (event) => this.#copy(event);
    scroller.onblur = () => {
      this.tooltip.hide();
      this.finishSelection(); // Shift may be let go elsewhere
    };
  }

  get lines() { return this.view.lines; }
  get text() { return this.view.text; }
  get pageRows() { return Math.max(1, Math.floor(this.view.scroll.view / this.view.metrics.row) - 1); }

  reset() {
    this.selection = new Selection();
    this.finished = null;
    this.hover(null);
  }

  focus() {
    this.part.scroller.focus({ preventScroll: true });
  }

  stepUnit(step, since) {
    this.view.switching.step(step, since);
  }

  firstInView() {
    return Math.min(this.text.length - 1, this.view.range[0]);
  }

  moveCaret(position, extend) {
    this.selection.moveTo(position, extend);
    this.tooltip.hide();
    this.view.requestPaint();
    const value = this.view.valueAt(position);
    this.view.messages.announce(`${symbolName(this.text[position])}, position ${position}, value ${value}`);
  }

  // The symbol `rows` lines further down, near the column the caret set out from.
  verticalMove(position, rows) {
    const { lines } = this;
    if (this.goalColumn < 0) this.goalColumn = lines.columnOf(position);
    const step = Math.sign(rows);
    let row = Math.min(lines.count - 1, Math.max(0, lines.rowOf(position) + rows));
    while (row >= 0 && row < lines.count && lines.headerAt(row) >= 0) row += step;
    if (row < 0 || row >= lines.count) return position;
    return lines.symbolAt(row, this.goalColumn);
  }

  revealCaret() {
    this.view.reveal(this.selection.caret);
  }

  chooseAll() {
    this.selection.choose(0, this.text.length);
    this.view.requestPaint();
    this.finishSelection();
  }

  chooseWord(event) {
    const position = this.symbolAtPoint(event, true);
    if (position < 0) return;
    this.selection.choose(...wordAround(this.text, position));
    this.view.requestPaint();
    this.finishSelection();
  }

  finishSelection() {
    const { range } = this.selection;
    if (String(range) === String(this.finished)) return;
    this.finished = range;
    this.view.report("selection", range);
  }

  escape() {
    const idle = this.selection.anchor < 0 && !this.tooltip.shown;
    this.tooltip.hide();
    this.selection.clear();
    this.view.requestPaint();
    this.finishSelection();
    return !idle; // with nothing to clear, Escape belongs to the page
  }

  explainCaret() {
    const { caret } = this.selection;
    if (caret < 0) return false;
    this.view.reveal(caret);
    this.view.paint();
    this.tooltip.show(caret, this.#boxOf(caret));
    return true;
  }

  // The symbol under the pointer, or -1 (never -1 beside the text unless `exact`).
  symbolAtPoint(event, exact) {
    const { lines, scroll, metrics } = this.view;
    if (!lines || lines.count === 0) return -1;
    const box = this.part.pane.getBoundingClientRect();
    const row = Math.floor((scroll.top + event.clientY - box.top) / metrics.row);
    const column = Math.floor((event.clientX - box.left) / metrics.cell);
    if (exact && (row < 0 || row >= lines.count)) return -1;
    return lines.symbolAt(Math.min(lines.count - 1, Math.max(0, row)), column, exact);
  }

  scrollBy(pixels) {
    this.view.scroll.to(this.view.scroll.top + pixels);
  }

  // What was explained has moved away.
  scrolled() {
    if (this.tooltip.shown || !this.part.hovered.hidden) this.hover(null);
  }

  // Explain the symbol under the pointer; null when it has left.
  hover(event) {
    cancelAnimationFrame(this.hovering);
    if (event === null) return this.hoverAt(-1);
    this.hovering = requestAnimationFrame(() => this.hoverAt(this.symbolAtPoint(event, true)));
    return undefined;
  }

  hoverAt(position) {
    if (!this.view.lines) return;
    this.view.sync.pointed(position);
    this.view.outline(this.part.hovered, position);
    if (position < 0) this.tooltip.hide();
    else if (position !== this.tooltip.position) this.tooltip.show(position, this.#boxOf(position));
  }

  // A symbol's cells in pixels of the view's root.
  #boxOf(position) {
    const { lines, scroll, metrics, root } = this.view;
    const pane = this.part.pane.getBoundingClientRect();
    const outer = root.getBoundingClientRect();
    const left = pane.left - outer.left + lines.columnOf(position) * metrics.cell;
    const top = pane.top - outer.top + lines.rowOf(position) * metrics.row - scroll.top;
    return { left, top, bottom: top + metrics.row };
  }

  // The exact text: tabs as tabs, newlines only where the text has them, no marks.
  #copy(event) {
    const { range } = this.selection;
    if (range === null) return;
    event.clipboardData.setData("text/plain", joinText(this.text.subarray(...range)));
    event.preventDefault();
  }

  destroy() {
    cancelAnimationFrame(this.hovering);
    this.pointer.destroy();
  }
}
