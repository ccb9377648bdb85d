// What opens over the page: where to go, which keys there are, the symbols in view as a table.
// The dialog element keeps the focus inside, closes with Escape, and gives the focus back.

import { makeElement } from "./frame.js";
import { KEYS } from "./keys.js";
import { placeOf } from "./places.js";
import { codeName, symbolName } from "./symbols.js";

const MOST_ROWS = 600;

export class Sheets {
  constructor(view) {
    this.view = view;
    this.sheet = view.part.sheet;
    view.part.goTo.onclick = () => this.goTo();
    view.part.table.onclick = () => this.table();
    view.part.help.onclick = () => this.help();
    this.sheet.onclick = (event) => event.target === this.sheet && this.sheet.close(); // beside it
    this.sheet.onclose = () => this.sheet.replaceChildren();
    this.sheet.onkeydown = (event) => event.stopPropagation(); // not the page's business
  }

  #open(title, className, ...body) {
    if (this.sheet.open) this.sheet.close();
    const close = makeElement("button", "", { type: "button", "aria-label": "Close" }, "\u00d7");
    close.onclick = () => this.sheet.close();
    this.sheet.className = `sheet ${className}`;
    this.sheet.setAttribute("aria-label", title);
    this.sheet.replaceChildren(makeElement("div", "top", {}, makeElement("h2", "", {}, title), close), ...body);
    this.sheet.showModal();
    return true;
  }

  goTo() {
    const { view } = this;
    if (!view.lines || view.text.length === 0) return false;
    const id = `${view.part.scroller.getAttribute("aria-describedby")}-place`;
    const field = makeElement("input", "", { type: "text", id, autocomplete: "off", spellcheck: "false",
      placeholder: "1200, file.py, file.py:12, :12", autofocus: "", "aria-describedby": `${id}-problem` });
    const problem = makeElement("p", "note", { role: "alert", id: `${id}-problem` });
    const form = makeElement("form", "", {},
      makeElement("label", "", { for: id }, "Position, document, or line of a document"),
      makeElement("div", "field", {}, field, makeElement("button", "", { type: "submit" }, "Go")), problem);
    // The page's own shortcuts may hold Enter back, so the form is not left to send itself.
    field.onkeydown = (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      form.requestSubmit();
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      const found = placeOf(field.value, view.lines.documents, view.text, view.lines.documentAt(view.firstOfInterest));
      if (found.problem) {
        problem.textContent = found.problem;
        return field.select();
      }
      this.sheet.close();
      return view.goTo(found.position);
    };
    return this.#open("Go to", "narrow", form);
  }

  help() {
    const rows = KEYS.map(([keys, what]) => makeElement("tr", "", {},
      makeElement("th", "", { scope: "row" }, ...keys.flatMap((key) => [makeElement("kbd", "", {}, key), " "])),
      makeElement("td", "", {}, what)));
    return this.#open("Keys", "", makeElement("table", "keys", {}, makeElement("tbody", "", {}, ...rows)));
  }

  table() {
    const { view } = this;
    if (!view.lines || view.text.length === 0) return false;
    const [start, end] = view.range;
    const stop = Math.min(end, start + MOST_ROWS);
    const head = ["position", "symbol", "code point", view.unit].map((title) => makeElement("th", "", { scope: "col" }, title));
    const rows = Array.from({ length: stop - start }, (_, at) => {
      const symbol = view.text[start + at];
      const cells = [String(start + at), symbolName(symbol), codeName(symbol), view.valueAt(start + at)];
      return makeElement("tr", "", {}, ...cells.map((cell) => makeElement("td", "", {}, cell)));
    });
    const said = `Symbols ${start.toLocaleString("en")} to ${(stop - 1).toLocaleString("en")}`
      + `${stop < end ? `, the first ${MOST_ROWS} in view` : ", all in view"}, with the values of unit ${view.unit}.`;
    return this.#open("The text in view as a table", "wide",
      makeElement("div", "scrolled", { tabindex: "0", role: "region", "aria-label": "Table" },
        makeElement("table", "values", {}, makeElement("caption", "", {}, said),
          makeElement("thead", "", {}, makeElement("tr", "", {}, ...head)),
          makeElement("tbody", "", {}, ...rows))));
  }
}
