// The sheet: all units of a site over a range of symbols, a row a unit. Its parts do the details.

import { Delays } from "../../text_view/assets/delays.js";
import { Messages } from "../../text_view/assets/messages.js";
import { buildTable, drawLegend, INK, themeOf } from "../../text_view/assets/palette.js";
import { drawAxis, READABLE } from "./axis.js";
import { Cells } from "./cells.js";
import { Names } from "./names.js";
import { columnsWithin, paintCodes } from "./pixels.js";
import { Reach } from "./reach.js";
import { buildFrame } from "./sheet_frame.js";
import { pressKey } from "./sheet_keys.js";
import { columnEdges, fitted, panned, zoomed } from "./span.js";
import { Supply } from "./supply.js";

const SETTLED_MS = 400;
const RESIZE_MS = 80;
const MOST_COLUMNS = 4096;
const MOST_BAND = 18;
const FIXED = 96; // pixels of the bar and the axis

export class SheetView {
  // `report(name, value)` hears of "range" {start, stop}, "unit" {unit}, "place" {position, unit}.
  constructor(root, report) {
    this.root = root;
    this.report = report;
    this.part = buildFrame(root);
    this.messages = new Messages(this.part);
    this.names = new Names(this.part.names);
    this.cells = new Cells(this);
    this.reach = new Reach(this);
    this.options = null;
    this.range = [0, 1];
    this.before = []; // ranges to go back to
    this.untold = false; // whether the range has moved since it was reported
    this.shown = null; // {codes, width, edges, site} of the picture
    this.frame = 0;
    this.delays = new Delays();
    this.#listen();
  }

  #listen() {
    const { part } = this;
    part.back.onclick = () => this.back();
    part.left.onclick = () => this.pan(-0.5);
    part.right.onclick = () => this.pan(0.5);
    part.out.onclick = () => this.zoom(2);
    part.closer.onclick = () => this.zoom(0.5);
    part.all.onclick = () => this.showAll();
    part.text.onclick = () => this.showInText(this.cells.cursorCell());
    part.scroller.onkeydown = (event) => {
      if (!this.edges || !pressKey(this, event)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    part.scroller.onblur = () => this.cells.hover(null);
    this.observer = new ResizeObserver(() => this.delays.put("resize", RESIZE_MS, () => this.requestPaint()));
    this.observer.observe(part.scroller);
    this.preference = matchMedia("(prefers-color-scheme: dark)");
    this.recolour = () => this.options && this.#applyTheme();
    this.preference.addEventListener("change", this.recolour);
  }

  // Show these options; called again whenever any of them changes. __init__.py says what they are.
  update(options) {
    const known = this.options;
    this.options = options;
    if (known?.recording_id !== options.recording_id || known.base !== options.base) {
      this.supply = new Supply(options.base, options.recording_id, () => this.requestPaint());
      this.shown = null;
      this.before = [];
      this.range = options.range;
      this.unit = options.unit;
    } else if (!options.stale) {
      // What has been done here and not yet told is newer than any answer.
      if (!this.untold && String(options.range) !== String(known.range)) this.range = options.range;
      this.unit = options.unit;
    }
    const { part } = this;
    part.controls.hidden = part.text.hidden = part.place.hidden = !options.controls;
    part.scroller.setAttribute("aria-label", `Units of ${options.site} over time`);
    this.#applyTheme();
  }

  #applyTheme() {
    const { palette, flip } = this.options;
    const theme = themeOf(this.root, "");
    const stops = flip ? [...palette[theme]].reverse() : palette[theme];
    this.root.dataset.theme = theme;
    this.root.style.setProperty("--paper", stops[stops.length >> 1]);
    this.ink = INK[theme];
    this.root.style.setProperty("--ink", this.ink);
    this.table = buildTable(stops);
    drawLegend(this.part.legend, stops);
    const [low, middle, high] = this.options.ends;
    this.part.low.textContent = low;
    this.part.middle.textContent = middle;
    this.part.high.textContent = high;
    this.part.legend.setAttribute("aria-label", `Colours, from ${low} over ${middle} to ${high}`);
    this.requestPaint();
  }

  get rows() { return this.options.rows; }
  get length() { return this.options.length; }

  requestPaint() {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.options === null || !this.#layout()) return;
    this.#paintCodes();
    this.#paintAxis();
    this.names.show(this.options, this.band, this.unit);
    this.cells.refresh();
    const [start, stop] = this.range;
    this.part.place.textContent = `symbols ${start.toLocaleString("en")} to `
      + `${(stop - 1).toLocaleString("en")} (${(stop - start).toLocaleString("en")})`;
    this.part.back.disabled = this.before.length === 0;
    this.part.left.disabled = start === 0;
    this.part.right.disabled = stop === this.length;
    this.part.out.disabled = this.part.all.disabled = stop - start === this.length;
    this.messages.problem(this.supply.problem
      && `The units could not be loaded: ${this.supply.problem}.`, () => this.supply.retry());
  }

  // Sizes of all parts; false while the page has no room for them yet.
  #layout() {
    const { options, part } = this;
    const room = options.height - (options.controls ? FIXED : FIXED - 4);
    const fits = Math.min(MOST_BAND, Math.max(1, Math.floor(room / Math.max(1, this.rows.length))));
    this.band = options.band || fits;
    const high = this.band * this.rows.length;
    const gutter = this.names.widthFor(options);
    const free = part.scroller.clientWidth - gutter;
    if (free < 40) return false;
    const columns = Math.min(MOST_COLUMNS, free, this.range[1] - this.range[0]);
    this.edges = columnEdges(...this.range, columns, this.length);
    this.cell = free / columns;
    part.scroller.style.height = `${Math.min(high, room)}px`;
    part.names.style.width = part.axis.style.marginLeft = `${gutter}px`;
    part.names.style.height = part.plane.style.height = `${high}px`;
    part.plane.style.width = `${free}px`;
    part.gaps.hidden = this.band < 5;
    this.root.style.setProperty("--band", `${this.band}px`);
    return true;
  }

  #paintCodes() {
    const { options, supply, edges } = this;
    const width = edges.length - 1;
    const codes = supply.tile({ site: options.site, start: this.range[0], stop: this.range[1], width });
    const colours = options.own_colours ? supply.coloursOf(options.site, options.scale) : null;
    if (codes !== undefined) this.shown = { codes, width, edges, site: options.site };
    const isThere = this.shown?.site === options.site && colours !== undefined;
    this.part.notice.hidden = isThere || supply.problem !== null;
    this.root.dataset.painted = codes !== undefined && isThere ? `${options.site} ${this.range.join("-")}` : "";
    if (!isThere) return this.part.codes.getContext("2d").clearRect(0, 0, 1e5, 1e5);
    const columns = columnsWithin(edges, this.shown.edges);
    paintCodes(this.part.codes, this.shown, this.rows, columns, this.table, colours);
    return undefined;
  }

  #paintAxis() {
    const style = getComputedStyle(this.root);
    const mono = `${style.getPropertyValue("--st-code-font") || "monospace"}, "DejaVu Sans Mono", monospace`;
    const text = this.cell >= READABLE || this.options.controls ? this.supply.symbols() : null;
    drawAxis(this.part.axis, this, text, { ink: this.ink, font: style.fontFamily, mono });
  }

  // --- the range ---

  #go(range, remember = true) {
    if (String(range) === String(this.range)) return;
    if (remember) this.before.push(this.range);
    this.range = range;
    this.cells.hover(null);
    this.requestPaint();
    this.#tellRange();
    this.messages.announce(`Symbols ${range[0]} to ${range[1] - 1}`);
  }

  pan(share) { this.#go(panned(this.range, share, this.length)); }
  showAll() { this.#go([0, this.length]); }

  zoom(factor) {
    const middle = (this.range[0] + this.range[1]) / 2;
    const around = this.cells.cursorCell() === null ? middle : this.cells.position;
    this.#go(zoomed(this.range, factor, around, this.length));
  }

  // Pixels from the left edge of the plane.
  zoomTo(from, to) {
    const [first, last] = [from, to].map((at) => this.columnAt(at));
    const [start, stop] = [this.edges[first], this.edges[last + 1]];
    const most = Math.max(0, 8 - (stop - start)) / 2; // a drag over less shows what is around it
    this.#go(fitted(start - most, stop - start, this.length));
  }

  back() {
    const range = this.before.pop();
    if (range === undefined) return false;
    this.#go(range, false);
    return true;
  }

  // Keep a symbol in the range by moving the range.
  reveal(position) {
    const [start, stop] = this.range;
    if (!this.options.controls || (position >= start && position < stop)) return;
    this.range = fitted(position - (stop - start) / 2, stop - start, this.length);
    this.paint();
    this.#tellRange();
  }

  #tellRange() {
    this.untold = true;
    this.delays.put("range", SETTLED_MS, () => {
      this.untold = false;
      this.report("range", { start: this.range[0], stop: this.range[1] });
    });
  }

  // --- cells ---

  columnAt(pixels) {
    return Math.min(this.edges.length - 2, Math.max(0, Math.floor(pixels / this.cell)));
  }

  // The row and column under the pointer, or null.
  cellAt(event) {
    if (!this.edges || this.rows.length === 0) return null;
    const box = this.part.plane.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top) / this.band);
    if (row < 0 || row >= this.rows.length) return null;
    return { row, column: this.columnAt(event.clientX - box.left) };
  }

  codeAt({ row, column }) {
    const { shown } = this;
    if (shown === null || String(shown.edges) !== String(this.edges)) return undefined;
    return shown.codes[this.rows[row] * shown.width + column];
  }

  hover(cell) { this.cells.hover(cell); }
  moveCursor(columns, rows) { this.cells.moveCursor(columns, rows); }
  cursorCell() { return this.cells.cursorCell(); }
  nameOf(row) { return `${this.options.site}.${this.rows[row]}`; }

  choose(cell) {
    if (cell === null) return;
    this.unit = this.rows[cell.row];
    this.requestPaint();
    this.messages.announce(`Unit ${this.nameOf(cell.row)} chosen`);
    this.report("unit", { unit: this.nameOf(cell.row) });
  }

  showInText(cell) {
    const at = cell ?? { row: Math.max(0, this.rows.indexOf(this.unit)), column: 0 };
    if (this.rows.length === 0) return;
    this.report("place", { position: this.edges[at.column], unit: this.nameOf(at.row) });
  }

  escape() {
    return this.reach.cancel() || this.cells.dismiss();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.delays.dropAll();
    this.observer.disconnect();
    this.preference.removeEventListener("change", this.recolour);
    this.messages.destroy();
    this.root.remove();
  }
}
