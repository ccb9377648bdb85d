// The cell under the pointer and the one of the keys: outlined, explained, spoken.

import { makeElement } from "../../text_view/assets/frame.js";
import { valueText } from "../../text_view/assets/palette.js";
import { symbolName } from "../../text_view/assets/symbols.js";
import { shapeOf } from "./axis.js";
import { columnOf } from "./span.js";

const GAP = 8;
const EXCERPT = 24;

export class Cells {
  constructor(view) {
    this.view = view;
    this.row = 0;
    this.position = null; // of the keys' cell; none before the first key
    this.explained = null;
  }

  // After a paint: outlines stand where their cells are now.
  refresh() {
    const { part, rows, unit } = this.view;
    this.row = Math.min(this.row, Math.max(0, rows.length - 1));
    this.#outline(part.cursor, this.position === null ? null : this.cursorCell());
    const chosen = rows.indexOf(unit);
    part.chosen.hidden = chosen < 0;
    part.chosen.style.top = `${chosen * this.view.band}px`;
    if (this.explained !== null) this.#explain(this.explained);
  }

  // The cell of the keys; null before the first key, or where it is out of the range.
  cursorCell() {
    const [start, stop] = this.view.range;
    if (this.position === null || this.position < start || this.position >= stop) return null;
    return { row: this.row, column: columnOf(this.view.edges, this.position) };
  }

  hover(cell) {
    if (this.explained === null && cell === null) return;
    this.explained = cell;
    this.#outline(this.view.part.hovered, cell);
    this.view.part.tooltip.hidden = cell === null;
    if (cell !== null) this.#explain(cell);
  }

  moveCursor(columns, rows) {
    const { view } = this;
    if (view.rows.length === 0) return;
    const known = this.cursorCell();
    if (known === null) { // the first arrow only shows where the cursor is
      this.row = Math.max(0, view.rows.indexOf(view.unit));
      [this.position] = view.range;
    } else {
      this.row = Math.min(view.rows.length - 1, Math.max(0, this.row + rows));
      if (columns !== 0) this.#moveTo(known.column, columns);
    }
    this.#outline(view.part.cursor, this.cursorCell());
    this.#scrollTo(this.row);
    view.messages.announce(this.#spoken(this.cursorCell()));
    this.hover(null);
  }

  // Whether there was anything to put away.
  dismiss() {
    const was = this.position !== null || this.explained !== null;
    this.position = null;
    this.hover(null);
    this.refresh();
    return was;
  }

  #moveTo(column, columns) {
    const { edges, length, options } = this.view;
    const last = edges.length - 2;
    const target = column + columns;
    if (!Number.isFinite(columns)) this.position = columns < 0 ? edges[0] : edges[last];
    else if (target < 0) this.position = options.controls ? Math.max(0, edges[0] - 1) : edges[0];
    else if (target > last) this.position = options.controls ? Math.min(length - 1, edges[last + 1]) : edges[last];
    else this.position = edges[target];
    this.view.reveal(this.position);
  }

  #scrollTo(row) {
    const { scroller } = this.view.part;
    const top = row * this.view.band;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    const under = top + this.view.band - scroller.clientHeight;
    if (under > scroller.scrollTop) scroller.scrollTop = under;
  }

  #outline(element, cell) {
    element.hidden = cell === null;
    if (cell === null) return;
    const { cell: wide, band } = this.view;
    const [w, h] = [Math.max(wide, 3), Math.max(band, 3)];
    element.style.transform = `translate(${(cell.column + 0.5) * wide - w / 2}px, `
      + `${(cell.row + 0.5) * band - h / 2}px)`;
    element.style.width = `${w}px`;
    element.style.height = `${h}px`;
  }

  #valueOf(cell) {
    const code = this.view.codeAt(cell);
    return code === undefined ? "\u2026" : valueText(code / 127);
  }

  #spoken(cell) {
    if (cell === null) return "";
    return `Unit ${this.view.nameOf(cell.row)}, ${this.#where(cell)}, value ${this.#valueOf(cell)}`;
  }

  #where({ column }) {
    const { edges } = this.view;
    const [first, last] = [edges[column], edges[column + 1] - 1];
    const text = this.view.supply.symbols();
    if (first === last) {
      return `symbol ${first.toLocaleString("en")}${text ? ` ${symbolName(text[first])}` : ""}`;
    }
    return `strongest of symbols ${first.toLocaleString("en")} to ${last.toLocaleString("en")}`;
  }

  #explain(cell) {
    const { view } = this;
    const label = view.options.labels?.[view.rows[cell.row]];
    view.part.tooltip.replaceChildren(
      makeElement("div", "", {}, makeElement("b", "", {}, view.nameOf(cell.row)), ` ${this.#valueOf(cell)}`),
      makeElement("div", "where", {}, this.#where(cell)),
      ...(this.#excerpt(cell) ? [makeElement("div", "excerpt", {}, this.#excerpt(cell))] : []),
      ...(label ? [makeElement("div", "where", {}, `${view.options.measure} ${label}`)] : []),
    );
    this.#place(cell);
  }

  #excerpt({ column }) {
    const { edges, supply } = this.view;
    const text = supply.symbols();
    if (!text || edges[column + 1] - edges[column] === 1) return "";
    const stop = Math.min(edges[column + 1], edges[column] + EXCERPT);
    const shapes = Array.from(text.subarray(edges[column], stop), (symbol) => shapeOf(symbol) || " ");
    return shapes.join("") + (stop < edges[column + 1] ? "\u2026" : "");
  }

  // Right of the cell, or left of it where there is no room; never past the view's edges.
  #place({ row, column }) {
    const { part, root, band, cell } = this.view;
    const outer = root.getBoundingClientRect();
    const plane = part.plane.getBoundingClientRect();
    const at = plane.left - outer.left + (column + 1) * cell + GAP;
    const { offsetWidth, offsetHeight } = part.tooltip;
    const left = at + offsetWidth <= outer.width ? at : at - cell - 2 * GAP - offsetWidth;
    const top = Math.min(outer.height - offsetHeight, plane.top - outer.top + (row + 1) * band + GAP);
    part.tooltip.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(Math.max(0, top))}px)`;
  }
}
