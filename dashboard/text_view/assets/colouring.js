// How values become colours, and the panel where a reader changes that: it takes effect at once.

import { makeElement } from "./frame.js";
import { buildTable, drawLegend } from "./palette.js";
import { beginsAtZero, endsOf, isSigned, SCALES, sharesOf } from "./scales.js";
import { countsKey } from "./source.js";

const KEPT_TABLES = 64;

export class Colouring {
  // `changed(style)` is called when a reader has chosen another palette, scale or direction.
  constructor(part, changed) {
    this.part = part;
    this.changed = changed;
    this.style = { palette: "", scale: "raw", flip: false };
    this.tables = new Map(); // by unit
    this.drawn = "";
    part.panel.addEventListener("beforetoggle", (event) => event.newState === "open" && this.#place());
  }

  // `palettes` is {name: {light, dark}}; `theme` one of the two.
  update({ palettes, style, theme, source }) {
    Object.assign(this, { palettes, style, theme, source });
    this.tables.clear();
    this.legendFrom = null; // to be drawn anew, once the unit is known
    this.#fill();
  }

  get stops() {
    const stops = (this.palettes[this.style.palette] ?? Object.values(this.palettes)[0])[this.theme];
    return this.style.flip ? [...stops].reverse() : stops;
  }

  // Pixels of a unit's codes, found at `code & 255`; raw ones until its counts have come.
  tableOf(unit) {
    const known = this.tables.get(unit);
    if (known !== undefined) return known;
    const counts = this.#countsOf(unit);
    const table = buildTable(this.stops, sharesOf(counts, this.style.scale, isSigned(unit)));
    if (this.tables.size >= KEPT_TABLES) this.tables.clear();
    if (counts !== null || this.style.scale === "raw") this.tables.set(unit, table);
    return table;
  }

  // What must be there before a unit's colours can be told.
  needs(unit) {
    return this.style.scale === "raw" || !this.source.hasCounts ? [] : [countsKey(unit)];
  }

  // `name` is what the unit is called in the view; `reach` the value at code 127.
  showUnit(unit, name, reach) {
    const { part, style } = this;
    const counts = this.#countsOf(unit);
    const missing = counts === null && this.needs(unit).length > 0;
    const upward = style.scale === "raw" && beginsAtZero(unit); // no colour below the middle occurs
    const ends = missing ? ["\u2026", "\u2026", "\u2026"]
      : endsOf(counts, style.scale, isSigned(unit) && !upward, reach);
    const from = upward ? 0.5 : 0;
    if (from !== this.legendFrom) drawLegend(part.legend, this.stops, from);
    this.legendFrom = from;
    [part.low.textContent, part.zero.textContent, part.high.textContent] = ends;
    part.legend.setAttribute("aria-label",
      `Colours of unit ${name}, ${SCALES[style.scale][0]}, from ${ends[0]} over ${ends[1]} to ${ends[2]}`);
  }

  #countsOf(unit) {
    return this.needs(unit).length ? this.source.cached(countsKey(unit)) ?? null : null;
  }

  #choose(change) {
    this.changed({ ...this.style, ...change });
  }

  #fill() {
    const { palettes, style, theme, source, part } = this;
    const name = SCALES[style.scale][0];
    part.colouring.textContent = `${name} \u25be`;
    part.colouring.setAttribute("aria-label",
      `Colours: ${name}, ${style.palette}${style.flip ? ", ends exchanged" : ""}`);
    const drawn = JSON.stringify([Object.keys(palettes), theme, source.hasCounts]);
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      const scales = source.hasCounts ? Object.keys(SCALES) : ["raw"];
      part.panel.replaceChildren(
        this.#group("A colour tells", "scale", scales.map((key) => [key, SCALES[key][0],
          makeElement("small", "", {}, SCALES[key][1])])),
        this.#group("Palette", "palette", Object.keys(palettes).map((key) => [key, key, swatch(palettes[key][theme])])),
        this.#flip());
    }
    for (const input of part.panel.querySelectorAll("input")) {
      input.checked = input.type === "checkbox" ? style.flip : style[input.dataset.name] === input.value;
    }
  }

  #group(title, name, choices) {
    const rows = choices.map(([value, label, more]) => {
      const input = makeElement("input", "", { type: "radio", name: `unitscope-${name}`, value, "data-name": name });
      input.onchange = () => this.#choose({ [name]: value });
      return makeElement("label", "option", {}, input, makeElement("span", "", {}, label), more);
    });
    return makeElement("fieldset", "", {}, makeElement("legend", "", {}, title), ...rows);
  }

  #flip() {
    const input = makeElement("input", "", { type: "checkbox" });
    input.onchange = () => this.#choose({ flip: input.checked });
    return makeElement("label", "option", {}, input, makeElement("span", "", {}, "Exchange the ends"));
  }

  // Below its button, and inside the window.
  #place() {
    const box = this.part.colouring.getBoundingClientRect();
    const { style } = this.part.panel;
    style.top = `${box.bottom + 4}px`;
    style.left = `${Math.max(8, Math.min(box.left, innerWidth - 360))}px`;
  }
}

function swatch(stops) {
  const element = makeElement("i", "swatch", { "aria-hidden": "true" });
  element.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  return element;
}
