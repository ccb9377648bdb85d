// What is known about one symbol, beside the pointer or the caret.

import { makeElement } from "./frame.js";
import { signalBars, signalsAt } from "./signals.js";
import { NEXT_BLOCK, nextKey, predictionsIn, surpriseKey, UNSAID } from "./source.js";
import { codeName, entryName, symbolName, toText } from "./symbols.js";

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
    this.#ask();
  }

  // For what is not there yet; the card is filled again as each part comes.
  #ask() {
    const { position } = this;
    const { source } = this.view;
    for (const key of this.keysAt(position)) {
      if (source.cached(key) !== undefined) continue;
      const again = (problem) => this.position === position && this.shown && this.#fill(problem);
      source.load(key).then(() => again(), (error) => again(error.message));
    }
  }

  // What the card of a symbol is made of.
  keysAt(position) {
    const { source, units, unit, text } = this.view;
    const next = position + 1;
    const keys = [];
    if (source.hasNext) keys.push(nextKey(Math.floor(position / NEXT_BLOCK)));
    if (source.hasSurprise && next < text.length) keys.push(surpriseKey(Math.floor(next / NEXT_BLOCK)));
    const signals = signalsAt(source, units, unit, position);
    return signals === null ? keys : [...keys, signals];
  }

  hide() {
    this.position = -1;
    this.element.hidden = true;
  }

  // Again with the unit or the numbers that have come since.
  refresh() {
    if (!this.shown) return;
    this.#fill();
    this.#ask();
  }

  #fill(problem = "") {
    const { text, lines, unitName } = this.view;
    const symbol = text[this.position];
    const part = lines.documents[lines.documentAt(this.position)];
    this.element.replaceChildren(
      makeElement("div", "", {}, makeElement("b", "", {}, symbolName(symbol)), ` ${codeName(symbol)}`),
      makeElement("div", "", {}, `${unitName} = `, makeElement("b", "", {}, this.view.valueAt(this.position))),
      ...this.view.layout.extraRows(this.position),
      makeElement("div", "where", {}, `position ${this.position.toLocaleString("en")}`
        + (part.name ? `, ${(this.position - part.start).toLocaleString("en")} in ${part.name}` : "")),
      makeElement("div", "parts", {}, this.#signals(), makeElement("div", "", {}, ...this.#predictions(problem))),
    );
    this.element.hidden = false;
    this.#place();
  }

  #signals() {
    const { source, units, unit } = this.view;
    const key = signalsAt(source, units, unit, this.position);
    const block = key === null ? undefined : source.cached(key);
    return block === undefined ? "" : signalBars(block, units, unit, this.position);
  }

  // What the true next symbol cost, such as "9.3 bits"; "" where that is not known.
  #surprise() {
    const next = this.position + 1;
    const code = this.view.source.cached(surpriseKey(Math.floor(next / NEXT_BLOCK)))?.[next % NEXT_BLOCK];
    return code === undefined || code === UNSAID ? "" : code / 1000;
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
      rows.push(this.#missed(truth.entry));
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
      makeElement("td", "number", {}, percent(probability)),
      makeElement("td", "", {}, makeElement("span", "shares", {}, bar)),
      makeElement("td", "", {}, isTrue ? `\u25c0 came next${this.#cost()}` : ""));
  }

  // What came though it was not among the five.
  #missed(entry) {
    const bits = this.#surprise();
    const name = makeElement("td", "", {}, entryName(entry));
    if (bits === "") {
      return makeElement("tr", "true", {}, name,
        makeElement("td", "note", { colspan: "3" }, "\u25c0 came next, not among the five"));
    }
    return makeElement("tr", "true", {}, name,
      makeElement("td", "number", {}, percent(2 ** -bits)),
      makeElement("td", "note", { colspan: "2" }, `\u25c0 came next, not among the five${this.#cost()}`));
  }

  #cost() {
    const bits = this.#surprise();
    return bits === "" ? "" : `, ${bits.toFixed(1)} bits`;
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

function percent(probability) {
  return probability < 0.005 ? "<1%" : `${Math.round(100 * probability)}%`;
}
