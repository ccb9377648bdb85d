// Which rows there are: the text alone, with the guesses, with further units; and the buttons for that.

import { Beneath } from "./beneath.js";
import { Delays } from "./delays.js";
import { makeElement } from "./frame.js";

export const MOST_STACKED = 8;
const REPORT_MS = 200;

export class Layout {
  // `view` answers what beneath.js asks, and: unit, switching, messages, report, arrange(), requestPaint().
  constructor(view) {
    this.view = view;
    this.part = view.part;
    this.rows = "text"; // or "guesses"
    this.stacked = []; // further units, from the top
    this.beneath = new Beneath(view, view.part);
    this.delays = new Delays();
    this.part.guesses.onclick = () => this.setRows(this.rows === "text" ? "guesses" : "text", true);
    this.part.pin.onclick = () => this.pin(view.unit);
  }

  // Begin with what the options say: another recording.
  open({ rows, stacked, source }) {
    this.delays.dropAll();
    this.part.guesses.hidden = !source.hasNext;
    this.rows = source.hasNext ? rows : "text";
    this.stacked = stacked;
    this.#changed();
  }

  // The other side's wishes count where they are new and not an answer to less than was done since.
  follow(before, now) {
    if (now.stale) return;
    if (now.rows !== before.rows) this.setRows(now.rows);
    if (String(now.stacked) !== String(before.stacked)) this.setStacked(now.stacked);
  }

  setRows(rows, tell = false) {
    if (rows === this.rows || (rows === "guesses" && !this.view.source.hasNext)) return;
    this.rows = rows;
    this.#changed();
    if (tell) this.#report("rows", rows);
  }

  setStacked(stacked, tell = false) {
    if (String(stacked) === String(this.stacked)) return;
    this.stacked = stacked;
    this.#changed();
    if (tell) this.#report("stacked", stacked);
  }

  pin(unit) {
    if (this.stacked.includes(unit) || this.stacked.length >= MOST_STACKED) return;
    this.setStacked([...this.stacked, unit], true);
    this.view.messages.announce(`Unit ${unit} stays, beneath the text`);
  }

  remove(unit) {
    const place = this.stacked.indexOf(unit);
    this.setStacked(this.stacked.filter((each) => each !== unit), true);
    this.view.messages.announce(`Unit ${unit} taken away`);
    const left = this.part.stack.querySelectorAll(".drop");
    (left[Math.min(place, left.length - 1)] ?? this.part.pin).focus();
  }

  // The main unit is another one.
  mark(unit) {
    const full = this.stacked.length >= MOST_STACKED;
    const there = this.stacked.includes(unit);
    this.part.pin.hidden = this.view.unitName !== unit; // losses are no unit
    this.part.pin.disabled = there || full;
    this.part.pin.title = there ? "This unit is among the bands already"
      : full ? `There are ${MOST_STACKED} bands; take one away first`
        : "Keep this unit in sight: a band beneath the text";
    for (const button of this.part.stack.querySelectorAll(".named")) {
      button.setAttribute("aria-pressed", String(button.textContent === unit));
    }
  }

  // For the card of a symbol: the values of the further units, in their order; how it was expected.
  extraRows(position) {
    const expectation = this.beneath.expectation(position);
    const values = this.stacked.map((unit) => makeElement("div", "further", {},
      `${unit} = `, makeElement("b", "", {}, this.view.valueAt(position, unit))));
    return expectation ? [...values, makeElement("div", "note", {}, expectation)] : values;
  }

  #changed() {
    const { part, beneath } = this;
    part.guesses.setAttribute("aria-pressed", String(this.rows === "guesses"));
    part.stack.hidden = this.stacked.length === 0;
    part.stack.replaceChildren(makeElement("span", "lead", {}, "Beneath the text, from the top:"),
      ...this.stacked.map((unit) => this.#entry(unit)));
    this.mark(this.view.unit);
    beneath.show(this.stacked, this.rows === "guesses");
    this.view.metrics.arrange(this.stacked.length, this.rows === "guesses");
    this.view.arrange();
  }

  #entry(unit) {
    const named = makeElement("button", "named", { type: "button", title: `Colour the text by ${unit}` }, unit);
    const drop = makeElement("button", "drop", { type: "button", title: `Take ${unit} away`,
      "aria-label": `Take ${unit} away` }, "\u00d7");
    named.onclick = (event) => this.view.switching?.to(unit, event.timeStamp);
    drop.onclick = () => this.remove(unit);
    return makeElement("span", "entry", {}, named, drop);
  }

  #report(name, value) {
    this.delays.put(name, REPORT_MS, () => this.view.report(name, value));
  }

  destroy() {
    this.delays.dropAll();
  }
}
