// The view: a text in rows of cells, coloured by one unit. It lays out and draws; its parts do the rest.

import { Choices } from "./choices.js";
import { Colouring } from "./colouring.js";
import { paintColours, paintUnderlines } from "./colours.js";
import { Delays } from "./delays.js";
import { buildFrame } from "./frame.js";
import { Interaction } from "./interaction.js";
import { Layout } from "./layout.js";
import { Lines } from "./lines.js";
import { Messages } from "./messages.js";
import { Metrics } from "./metrics.js";
import { Minimap } from "./minimap.js";
import { Outcomes } from "./outcomes.js";
import { focusSearch, PageKeys } from "./page_keys.js";
import { INK, packColour, PAPER, themeOf, valueText } from "./palette.js";
import { Rows } from "./rows.js";
import { Scroll } from "./scroll.js";
import { Sheets } from "./sheets.js";
import { countsKey, overviewKey, TILE, tileKey } from "./source.js";
import { Switching } from "./switching.js";
import { Sync } from "./sync.js";
import { stampPaint } from "./timing.js";
import { countUnits } from "./units.js";

const SETTLED_MS = 400;
const PINNED_MS = 200; // a unit is told so long after it was chosen,
const LEAFING_MS = 1000; // but so long after each that follows another one within this time
const RESIZE_MS = 80;
const LEAST_COLUMNS = 8;

export class TextView {
  // `report(name, value)` hears of "visible" [start, stop), "selection" [start, stop) or null, "unit",
  // "style" {palette, scale, flip}, "rows", "stacked".
  constructor(root, report) {
    this.root = root;
    this.report = report;
    this.part = buildFrame(root);
    this.messages = new Messages(this.part);
    this.choices = new Choices(this.part.choices, (unit, since) => this.switching?.to(unit, since));
    this.colouring = new Colouring(this.part, (style) => this.#restyle(style));
    this.outcomes = new Outcomes(this.part, () => this.#cutMoved(),
      (outcomes) => this.#restyle({ ...this.style, outcomes }));
    this.metrics = new Metrics(this.part.probe);
    this.rows = new Rows(this.part.layer);
    this.layout = new Layout(this);
    this.scroll = new Scroll(this.part.scroller, this.part.spacer, () => {
      this.interaction.scrolled();
      this.requestPaint();
    });
    this.minimap = new Minimap(this.part.strip, this.part.overview, this.part.marker,
      (share) => this.reveal(Math.floor(share * (this.text.length - 1)), true));
    this.options = null;
    this.text = new Uint8Array(0);
    this.lines = null;
    this.first = 0; // the first row in view
    this.range = [0, 0]; // the symbols in view
    this.frame = 0;
    this.delays = new Delays();
    this.stepped = -LEAFING_MS; // when the reader has chosen a unit last
    this.interaction = new Interaction(this);
    this.sync = new Sync(this);
    this.sheets = new Sheets(this);
    this.pageKeys = new PageKeys(root, {
      "/": focusSearch, g: () => this.sheets.goTo(), "?": () => this.sheets.help(),
    });
    this.#listen();
  }

  get source() { return this.options.source; }
  get units() { return this.options.units; }
  get vocabulary() { return this.options.vocabulary; }
  get unitName() { return this.options.names[this.unit] ?? this.unit; }

  #listen() {
    const { part } = this;
    part.previous.onclick = (event) => this.switching?.step(-1, event.timeStamp);
    part.next.onclick = (event) => this.switching?.step(1, event.timeStamp);
    part.spaces.onclick = () => {
      this.spaces = !this.spaces;
      part.spaces.setAttribute("aria-pressed", String(this.spaces));
      this.rows.reset();
      this.requestPaint();
    };
    this.observer = new ResizeObserver(() => this.delays.put("resize", RESIZE_MS, () => this.relayout()));
    for (const element of [part.scroller, part.probe]) this.observer.observe(element);
    this.preference = matchMedia("(prefers-color-scheme: dark)");
    this.recolour = () => this.options && this.applyTheme();
    this.preference.addEventListener("change", this.recolour);
  }

  // Show these options; called again whenever any of them changes. view.js says what they are.
  update(options) {
    const before = this.options;
    this.options = options;
    this.sync.join(options.group);
    if (!options.staleStyle) this.style = options.style;
    this.root.style.height = `${options.height}px`;
    this.choices.update(options.choices, this.unit);
    if (before === null || before.id !== options.id) return this.#open();
    this.applyTheme();
    if (this.lines === null) return undefined;
    this.#followUnit(options);
    this.layout.follow(before, options);
    if (options.tab !== before.tab) this.relayout(true);
    if (options.position !== before.position) this.#goToPosition();
    return undefined;
  }

  // The other side's unit counts unless it answers to less than the user has done since.
  #followUnit({ unit, stale }) {
    const { wanted } = this.switching;
    if (stale || wanted !== this.agreed || unit === wanted) return;
    this.agreed = unit;
    this.switching.to(unit, performance.now());
  }

  // Scroll to where the options say, and leave the caret there to be seen.
  #goToPosition() {
    const { position, length } = this.options;
    if (position === null || length === 0) return;
    this.interaction.selection.moveTo(Math.min(position, length - 1), false);
    this.reveal(position, true);
  }

  async #open() {
    const { options } = this;
    this.switching?.destroy();
    this.lines = null;
    this.text = new Uint8Array(0);
    this.part.moving.hidden = true;
    this.unit = options.unit;
    this.agreed = options.unit; // the unit that the other side knows of
    this.known = new Set(options.vocabulary);
    this.switching = new Switching(this);
    this.interaction.reset();
    this.layout.open(options);
    this.messages.notice("Loading the text \u2026");
    this.messages.problem(null);
    this.applyTheme();
    this.#loadAhead(options);
    let problem = "";
    const text = await options.source.text().catch((error) => { problem = error.message; });
    if (this.options.id !== options.id) return;
    if (text && text.length !== options.length) {
      problem = `it has ${text.length} symbols, but the recording has ${options.length}`;
    }
    if (problem) {
      this.messages.notice("No text to show.");
      this.messages.problem(`The text could not be loaded: ${problem}.`, () => this.#open());
      return;
    }
    this.text = text;
    this.part.moving.hidden = false;
    this.messages.notice(text.length ? "" : "This text is empty.");
    this.scroll.top = 0;
    this.relayout(true);
    this.#goToPosition();
  }

  // The colours where the text will open come with it; what fails is asked for again, and told, later.
  #loadAhead({ id, source, unit, position, length }) {
    if (length === 0) return;
    const tile = Math.floor(Math.min(position ?? 0, length - 1) / TILE);
    for (const key of [tileKey(unit, tile), ...this.needs(unit)]) {
      source.load(key).then(() => this.options.id === id && this.arrived(key), () => {});
    }
  }

  applyTheme() {
    const { palettes, theme } = this.options;
    const name = themeOf(this.root, theme);
    this.root.dataset.theme = name;
    this.root.style.setProperty("--paper", PAPER[name]);
    this.root.style.setProperty("--ink", INK[name]);
    this.colouring.update({ palettes, style: this.style, theme: name, source: this.source });
    this.outcomes.update({ labels: this.options.labels, on: this.style.outcomes, source: this.source,
      theme: name, unit: this.unit, cut: this.style.cut });
    this.underline = packColour(INK[name]);
    this.layout.beneath.retint(name, PAPER[name], INK[name]);
    this.#showUnit();
    this.requestPaint();
  }

  // A reader has chosen other colours.
  #restyle(style) {
    this.delays.drop("cut"); // it is told with them
    this.outcomes.told = this.outcomes.moved;
    this.style = { ...style, cut: this.outcomes.moved };
    this.applyTheme();
    this.report("style", this.style);
  }

  #cutMoved() {
    this.requestPaint();
    this.delays.put("cut", PINNED_MS, () => this.#restyle(this.style));
  }

  // The colours of all codes of a unit.
  tableOf(unit) {
    return this.colouring.tableOf(unit);
  }

  // Keys without which a unit cannot be painted, and keys that are good to have.
  needs(unit) { return [...this.colouring.needs(unit), ...this.outcomes.needs(unit)]; }

  wishes(unit) {
    return [...this.outcomes.wishes(this.range), ...this.layout.beneath.needs(unit),
      ...(this.source.hasCounts ? [countsKey(unit)] : [])];
  }

  cardKeys(position) { return this.interaction.tooltip.keysAt(position); }

  #showUnit() {
    this.part.unit.textContent = this.unitName;
    this.part.previous.hidden = this.part.next.hidden = countUnits(this.units) === 1;
    this.choices.mark(this.unit);
    this.layout.mark(this.unit);
    this.colouring.showUnit(this.unit, this.unitName, this.options.scale);
    this.outcomes.showUnit(this.unit);
    this.#paintOverview();
  }

  #paintOverview() {
    const overview = this.source.cached(overviewKey(this.unit));
    if (overview !== undefined) this.minimap.paint(overview, this.tableOf(this.unit));
    else this.minimap.clear();
  }

  // Cut the text into rows again where the width, the font or the text asks for it.
  relayout(force = false) {
    if (!this.options || this.text.length !== this.options.length) return;
    const changed = this.metrics.measure();
    const { cell } = this.metrics;
    if (!cell) return;
    const view = this.part.scroller.clientHeight;
    const columns = Math.max(LEAST_COLUMNS, Math.floor(this.part.pane.clientWidth / cell) - 1);
    const same = this.lines?.columns === columns && !force;
    if (same && !changed && this.scroll.view === view) return;
    const kept = this.scroll.top > 0 ? this.range[0] : -1;
    if (!same) this.lines = new Lines(this.text, this.options.documents, columns, this.options.tab);
    this.#resetRows(kept, view);
    this.#paintOverview();
  }

  // Make the rows as high as what they hold; the first in view stays there.
  arrange() {
    if (this.lines) this.#resetRows(this.scroll.top > 0 ? this.range[0] : -1, this.scroll.view);
  }

  #resetRows(kept, view) {
    const { row } = this.metrics;
    this.root.style.setProperty("--row", `${row}px`);
    this.root.classList.toggle("tall", row > this.metrics.line);
    this.rows.reset();
    this.layout.beneath.reset();
    this.scroll.resize(this.lines.count * row, view);
    if (kept >= 0) this.scroll.to(this.lines.rowOf(kept) * row);
  }

  requestPaint() {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.lines) return;
    const { lines, metrics, scroll, part } = this;
    this.first = Math.floor(scroll.top / metrics.row);
    const count = Math.ceil(scroll.view / metrics.row) + 1;
    this.rows.show(lines, this.first, count, metrics, this.spaces,
      (slot) => this.layout.beneath.dress(slot));
    part.moving.style.transform = `translateY(${Math.round(this.first * metrics.row - scroll.top)}px)`;
    this.#paintCells();
    this.layout.beneath.paint();
    this.rows.choose(...(this.interaction.selection.range ?? [0, 0]), metrics.cell);
    this.outline(part.caret, this.interaction.selection.caret);
    // The rows that are in view as a whole; at least one with text, though it be higher than the view.
    const least = this.first + (lines.headerAt(this.first) < 0 ? 1 : 2);
    const last = Math.max(least, Math.floor((scroll.top + scroll.view) / metrics.row));
    this.#see(lines.starts[this.first], lines.starts[Math.min(lines.count, last)]);
    this.switching.supply();
    this.sync.painted();
  }

  #paintCells() {
    const { metrics, part, rows, lines } = this;
    const size = [(lines.columns + 1) * metrics.cell, rows.visible.length * metrics.row]
      .map((pixels) => `${pixels}px`);
    for (const { style } of [part.colours, part.underlines]) {
      if (style.width !== size[0] || style.height !== size[1]) [style.width, style.height] = size;
    }
    const { outcomes, unit } = this;
    const drawn = [rows.visible, lines.columns];
    if (outcomes.on) outcomes.paint(part.colours, ...drawn, unit);
    else paintColours(part.colours, ...drawn, this.tableOf(unit), (tile) => this.source.cached(tileKey(unit, tile)));
    if (outcomes.labels !== null) outcomes.paintLines(part.underlines, ...drawn, unit, this.underline, metrics);
    else paintUnderlines(part.underlines, ...drawn, this.options.marks, this.underline, metrics);
  }

  // Put an outline around one symbol's cells, if it is in view.
  outline(element, position) {
    const slot = this.rows.visible.find((each) => position >= each.start && position < each.stop);
    if (element.hidden !== (slot === undefined)) element.hidden = slot === undefined;
    if (slot === undefined) return;
    const { cell, row, column } = this.metrics;
    const [left, right] = [0, 1].map((end) => slot.cells[position - slot.start + end] * cell);
    element.style.transform = `translate(${left}px, ${(slot.row - this.first) * row}px)`;
    element.style.width = `${Math.max(right - left, cell)}px`;
    element.style.height = `${column}px`;
  }

  #see(start, stop) {
    const changed = this.range[0] !== start || this.range[1] !== stop;
    this.range = [start, stop];
    const all = Math.max(1, this.text.length);
    this.minimap.mark(start / all, stop / all);
    const part = this.lines.documents[this.lines.documentAt(start)];
    const place = (start - part.start).toLocaleString("en");
    this.part.place.textContent = `${part.name || "position"} \u00b7 ${place}`;
    if (changed) this.delays.put("visible", SETTLED_MS, () => this.report("visible", this.range));
  }

  // Bring a symbol into view; `toTop` puts it a third down even if it is in view already.
  reveal(position, toTop = false) {
    if (!this.lines || position < 0) return;
    const { scroll, metrics } = this;
    const top = this.lines.rowOf(Math.min(position, this.text.length - 1)) * metrics.row;
    if (toTop) scroll.to(top - Math.floor(scroll.view / 3 / metrics.row) * metrics.row);
    else if (top < scroll.top) scroll.to(top);
    else if (top + metrics.row > scroll.top + scroll.view) {
      scroll.to(Math.min(top, top + metrics.row - scroll.view));
    }
  }

  // Where the reader is: the caret, or the first symbol in view.
  get firstOfInterest() {
    const { caret } = this.interaction.selection;
    return caret >= this.range[0] && caret < this.range[1] ? caret : this.range[0];
  }

  // Move the caret and the view to a symbol, on a reader's wish.
  goTo(position) {
    this.interaction.focus();
    this.interaction.moveCaret(position, false);
    this.reveal(position, true);
  }

  // A symbol's value in words, or an ellipsis while its tile is on the way.
  valueAt(position, unit = this.unit) {
    const tile = Math.floor(position / TILE);
    const code = this.source.cached(tileKey(unit, tile))?.[position - tile * TILE];
    return code === undefined ? "\u2026" : valueText((code / 127) * this.options.scale);
  }

  // The switching calls this once a unit's colours are there.
  commit(unit, since) {
    const changed = unit !== this.unit;
    this.unit = unit;
    this.#showUnit();
    this.paint();
    stampPaint(this.root, { unit, range: this.range, since });
    this.interaction.tooltip.refresh();
    this.delays.drop("unit");
    if (unit !== this.agreed) this.#tellUnit(unit);
    if (changed) this.messages.announce(`Unit ${this.unitName}`);
  }

  // What is drawn around the view for a unit takes ten times as long as the view itself: who leafs
  // through units gets it when he stays with one.
  #tellUnit(unit) {
    const now = performance.now();
    const delay = now - this.stepped < LEAFING_MS ? LEAFING_MS : PINNED_MS;
    this.stepped = now;
    this.delays.put("unit", delay, () => this.report("unit", (this.agreed = unit)));
  }

  arrived(key) {
    if (key === overviewKey(this.unit)) this.#paintOverview();
    else if (this.needs(this.unit).includes(key)) this.#showUnit();
    else if (!this.layout.beneath.isFor(key) && !key.startsWith(tileKey(this.unit, ""))
      && !key.startsWith("labels/")) return;
    this.requestPaint();
    this.interaction.tooltip.refresh();
  }

  // Say why a unit has no colours, or why there are no guesses (unit null); error null: nothing is wrong.
  fail(error, unit) {
    const what = unit === null ? "The guesses" : `The colours of unit ${unit}`;
    if (error === null) this.messages.problem(null);
    else this.messages.problem(`${what} could not be loaded: ${error.message}.`,
      () => this.switching.retry());
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.delays.dropAll();
    this.observer.disconnect();
    this.preference.removeEventListener("change", this.recolour);
    this.sync.leave();
    for (const each of [this.switching, this.interaction, this.pageKeys, this.scroll, this.messages, this.layout]) {
      each?.destroy();
    }
    this.root.remove();
  }
}
