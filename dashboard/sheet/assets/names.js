// Left of the rows: the units' names, as many as there is room for, and the chosen one.

import { makeElement } from "../../text_view/assets/frame.js";

const LINE = 10; // pixels of a name's line
const APART = 18; // pixels from name to name where not all are shown
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const LETTER = 6.1; // pixels of a letter of the names' font
const EDGE = 10;

export class Names {
  constructor(column) {
    this.column = column;
    this.drawn = "";
  }

  // How wide the column is, in pixels.
  widthFor({ site, units, labels }) {
    const letters = `${site}.${units - 1}`.length;
    const longest = labels === null ? 0 : Math.max(0, ...labels.map((label) => label.length)) + 1;
    return Math.ceil((letters + longest) * LETTER + EDGE + 12);
  }

  // `unit` is the index of the chosen one.
  show({ site, rows, labels }, band, unit) {
    const drawn = `${site} ${band} ${unit} ${rows} ${labels}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const step = band >= LINE ? 1 : STEPS.find((each) => each * band >= APART) ?? 1000;
    const chosen = rows.indexOf(unit);
    const names = [];
    rows.forEach((index, row) => {
      const isNear = chosen >= 0 && Math.abs(row - chosen) < step;
      if (row === chosen || (row % step === 0 && !isNear)) {
        const most = rows.length * band - LINE;
        const top = Math.min(most, Math.max(0, row * band + (band - LINE) / 2));
        names.push(this.#name(`${site}.${index}`, labels?.[index] ?? "", top, row === chosen));
      }
    });
    this.column.replaceChildren(...names);
  }

  #name(name, label, top, isChosen) {
    const line = makeElement("span", isChosen ? "name chosen-name" : "name", {},
      makeElement("span", "", {}, (isChosen ? "\u25b8" : "") + name));
    if (label !== "") line.append(makeElement("span", "label", {}, label));
    line.style.top = `${top}px`;
    return line;
  }
}
