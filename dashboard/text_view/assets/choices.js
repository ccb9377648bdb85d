// Units worth a look, a button each: a click shows the unit at once.

import { makeElement } from "./frame.js";

export class Choices {
  // `show(unit, since)` is called at a click.
  constructor(row, show) {
    this.row = row;
    this.show = show;
    this.units = [];
    this.drawn = "";
  }

  // `choices` is [[unit, label], ...], best first.
  update(choices, unit) {
    this.units = choices.map(([each]) => each);
    const drawn = JSON.stringify(choices);
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      this.row.replaceChildren(...choices.map((choice) => this.#button(...choice)));
      this.row.hidden = choices.length === 0;
    }
    this.mark(unit);
  }

  mark(unit) {
    this.units.forEach((each, at) => {
      this.row.children[at].setAttribute("aria-pressed", String(each === unit));
    });
  }

  #button(unit, label) {
    const button = makeElement("button", "choice", { type: "button" }, label);
    button.onclick = (event) => this.show(unit, event.timeStamp);
    return button;
  }
}
