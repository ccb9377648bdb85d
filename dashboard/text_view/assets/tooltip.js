// What is known about one symbol, beside the pointer or the caret.

import { NEXT_BLOCK, nextKey, predictionsIn } from "./source.js";
import { codeName, entryName, symbolName, toText } from "./symbols.js";
import { makeElement } from "./frame.js";

const GAP = 6;

export class Tooltip {
  constructor(element, view) {
    this.element = element;
    this.view = view;
    this.position = -1;
  }

  get shown() {
    return !this.element.hidden;
  }

  // Explain a symbol whose cell is `box`, in pixels of the view's root.
  show(position, box) {
    this.position = position;
    this.box = box;
    this.#fill();
    const key = nextKey(Math.floor(position / NEXT_BLOCK));
    const source = this.view.source;
    if (!source.hasNext || source.cached(key) !== undefined) return;
    source.load(key).then(
      () => this.position === position && this.shown && this.#fill(),
      (error) => this.position === position && this.shown && this.#fill(error.message),
    );
  }

  hide() {
    this.position = -1;
    this.element.hidden = true;
  }

  // Again with the unit or the numbers that have come since.
  refresh() {
    if (this.shown) this.#fill();
  }

  #fill(problem = "") {
    const { text, lines, unitName } = this.view;
    const symbol = text[this.position];
    const part = lines.documents[lines.documentAt(this.position)];
    this.element.replaceChildren(
      makeElement("div", "", {}, makeElement("b", "", {}, symbolName(symbol)), ` ${codeName(symbol)}`),
      makeElement("div", "", {}, `${unitName} = `, makeElement("b", "", {}, this.view.valueAt(this.position))),
      makeElement("div", "where", {}, `position ${this.position.toLocaleString("en")}`
        + (part.name ? `, ${(this.position - part.start).toLocaleString("en")} in ${part.name}` : "")),
      ...this.#predictions(problem),
    );
    this.element.hidden = false;
    this.#place();
  }

  #predictions(problem) {
    const { source, vocabulary } = this.view;
    if (!source.hasNext) return [];
    if (problem) return [makeElement("div", "note", {}, `No predictions: ${problem}.`)];
    const block = source.cached(nextKey(Math.floor(this.position / NEXT_BLOCK)));
    if (block === undefined) return [makeElement("div", "note", {}, "Loading the predictions \u2026")];
    const truth = this.#trueNext();
    const guesses = predictionsIn(block, this.position % NEXT_BLOCK);
    // A recording that another program made has none.
    if (guesses.every(({ probability }) => probability === 0)) return [];
    const rows = guesses.map(({ id, probability }) => this.#row(
      entryName(vocabulary[id]), probability, vocabulary[id] === truth.entry));
    if (truth.entry !== null && !guesses.some(({ id }) => vocabulary[id] === truth.entry)) {
      rows.push(makeElement("tr", "true", {}, makeElement("td", "", {}, entryName(truth.entry)),
        makeElement("td", "note", { colspan: "3" }, "\u25c0 came next, not among the five")));
    }
    return [
      makeElement("div", "caption", {}, "Expected next"),
      makeElement("table", "", {}, makeElement("tbody", "", {}, ...rows)),
      ...(truth.note ? [makeElement("div", "note", {}, truth.note)] : []),
    ];
  }

  #row(name, probability, isTrue) {
    const bar = makeElement("i", "share");
    bar.style.width = `${(100 * probability).toFixed(1)}%`;
    return makeElement("tr", isTrue ? "true" : "", {}, makeElement("td", "", {}, name),
      makeElement("td", "number", {}, probability < 0.005 ? "<1%" : `${Math.round(100 * probability)}%`),
      makeElement("td", "", {}, makeElement("span", "shares", {}, bar)),
      makeElement("td", "", {}, isTrue ? "\u25c0 came next" : ""));
  }

  // The vocabulary's entry that truly followed, or null where the document ends.
  #trueNext() {
    const { text, lines, known } = this.view;
    const next = this.position + 1;
    const part = lines.documents[lines.documentAt(this.position)];
    if (next >= part.stop) return { entry: null, note: "The document ends here." };
    const entry = toText(text[next]);
    if (known.has(entry)) return { entry, note: "" };
    return { entry: "\ufffd", note: `${symbolName(text[next])} came next; the vocabulary lacks it.` };
  }

  // Below the cell, or above it where there is no room; never past the sides.
  #place() {
    const root = this.element.offsetParent;
    const [width, height] = [this.element.offsetWidth, this.element.offsetHeight];
    const left = Math.min(this.box.left, (root?.clientWidth ?? width) - width - GAP);
    const below = this.box.bottom + GAP;
    const fits = below + height <= (root?.clientHeight ?? Infinity);
    const top = fits ? below : Math.max(GAP, this.box.top - GAP - height);
    this.element.style.transform = `translate(${Math.round(Math.max(GAP, left))}px, ${Math.round(top)}px)`;
  }
}
