// The unit, cut at one value, against yes/no labels: hits, false alarms and misses, painted and counted.
//
// A line over a symbol says that the unit says yes, a line under it that the label does: a hit has both.
// So nothing is told by colour alone.

import { blankPixels, STRIPE } from "./colours.js";
import { makeElement } from "./frame.js";
import { packColour, scaleText } from "./palette.js";
import { labelCountsKey, labelTileKey, TILE, tileKey } from "./source.js";


export const OUTCOMES = {
  hit: ["hits", "#6fa0dc", "#0b5aa8"],
  alarm: ["false alarms", "#f1a340", "#9a4b00"],
  miss: ["misses", "#c9c4bd", "#57524d"],
};

export class Outcomes {
  // `changed(moved)` is called when the cut has moved, `toggled(on)` when a reader turns this on or off.
  constructor(part, changed, toggled) {
    this.part = part;
    this.changed = changed;
    this.on = false;
    this.labels = null;
    this.cuts = new Map(); // by unit and labels: where a reader has moved the cut to
    this.moved = ""; // the last of them, such as "1.c.78 made -40"; "" where it is the best one again
    this.told = ""; // what the other side knows of it
    part.outcomes.onclick = () => toggled(!this.on);
    part.cut.oninput = () => this.#move(Number(part.cut.value));
    part.best.onclick = () => this.#move(null);
  }

  // `labels` is the name under which the source knows them, or null; `cut` as in `moved`.
  update({ labels, on, source, theme, unit, cut = "" }) {
    if (cut !== this.told) this.#take(cut);
    Object.assign(this, { labels, source, unit, on: on && labels !== null });
    const at = theme === "dark" ? 2 : 1;
    this.colours = Object.fromEntries(Object.entries(OUTCOMES).map(([name, each]) => [name, packColour(each[at])]));
    const { part } = this;
    part.outcomes.hidden = labels === null;
    part.outcomes.setAttribute("aria-pressed", String(this.on));
    part.verdicts.hidden = !this.on;
    for (const [name, each] of Object.entries(OUTCOMES)) part.verdicts.style.setProperty(`--${name}`, each[at]);
    this.showUnit(unit);
  }

  needs(unit) {
    return this.on ? [labelCountsKey(unit, this.labels)] : [];
  }

  // The labels of the symbols in view.
  wishes([start, stop]) {
    const keys = [];
    for (let tile = Math.floor(start / TILE); this.labels !== null && tile * TILE < stop; tile++) {
      keys.push(labelTileKey(this.labels, tile));
    }
    return keys;
  }

  // Whether a symbol's code counts as yes: [direction, code], or null while that is not known.
  cutOf(unit) {
    if (!this.on) return null;
    const counted = this.source.cached(labelCountsKey(unit, this.labels));
    if (counted === undefined) return null;
    return [counted[512], this.cuts.get(`${unit} ${this.labels}`) ?? counted[513]];
  }

  showUnit(unit) {
    this.unit = unit;
    const cut = this.cutOf(unit);
    const { part } = this;
    part.cut.disabled = part.best.disabled = cut === null;
    if (!this.on) return;
    if (cut === null) {
      part.said.textContent = "Counting \u2026";
      part.tally.replaceChildren();
      return;
    }
    const [direction, code] = cut;
    const value = scaleText(code / 127);
    part.cut.value = String(code);
    part.said.textContent = `yes from ${value} ${direction > 0 ? "up" : "down"}`;
    part.cut.setAttribute("aria-valuetext", part.said.textContent);
    part.best.disabled = !this.cuts.has(`${unit} ${this.labels}`);
    this.#tally(this.source.cached(labelCountsKey(unit, this.labels)), direction, code);
  }

  #tally(counted, direction, code) {
    const [hit, alarm, miss] = countOutcomes(counted, direction, code);
    const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)}%` : "\u2013");
    const numbers = { hit, alarm, miss };
    this.part.tally.replaceChildren(
      ...Object.entries(OUTCOMES).map(([name, [title]]) => makeElement("span", "outcome", {},
        makeElement("i", `chip ${name}`, { "aria-hidden": "true" }, "ab"), `${title} ${numbers[name].toLocaleString("en")}`)),
      makeElement("span", "outcome", {}, `precision ${share(hit, hit + alarm)}`),
      makeElement("span", "outcome", {}, `recall ${share(hit, hit + miss)}`));
  }

  #move(code) {
    const name = `${this.unit} ${this.labels}`;
    if (code === null) this.cuts.delete(name);
    else this.cuts.set(name, code);
    this.moved = code === null ? "" : `${name} ${code}`;
    this.showUnit(this.unit);
    this.changed(this.moved);
  }

  // The other side says where the cut is.
  #take(cut) {
    const [name, code] = cutIn(cut || this.moved);
    if (cut) this.cuts.set(name, code);
    else this.cuts.delete(name);
    this.moved = this.told = cut;
  }

  // Paint the visible rows; cells whose codes or labels are on their way stay clear.
  paint(colours, slots, columns, unit) {
    const cut = this.cutOf(unit);
    const [pixels, image] = blankPixels(colours, columns + 1, slots.length);
    this.#each(slots, unit, cut, (line, from, to, said, label) => {
      const name = outcomeOf(said, label);
      if (name !== null) pixels.fill(this.colours[name], line * (columns + 1) + from, line * (columns + 1) + to);
    });
    colours.getContext("2d").putImageData(image, 0, 0);
  }

  // A line under what the labels hold at, and with outcomes over what the unit says yes to. A row is
  // `row` pixels high, the line of text at its top `line`.
  paintLines(canvas, slots, columns, unit, ink, { row, line = row }) {
    canvas.hidden = false;
    const width = columns + 1;
    const cut = this.cutOf(unit);
    const stripes = Math.round(row / STRIPE);
    const [pixels, image] = blankPixels(canvas, width, slots.length * stripes);
    this.#each(slots, unit, cut, (index, from, to, said, label) => {
      const top = index * stripes * width;
      const bottom = top + (Math.round(line / STRIPE) - 1) * width;
      if (label === 1) pixels.fill(ink, bottom + from, bottom + to);
      if (said && label !== 255) pixels.fill(ink, top + from, top + to);
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // Call `take(row, from cell, to cell, said, label)` for every symbol in view whose label is there.
  #each(slots, unit, cut, take) {
    slots.forEach((slot, index) => {
      for (let at = slot.start; at < slot.stop; at++) {
        const tile = Math.floor(at / TILE);
        const label = this.source.cached(labelTileKey(this.labels, tile))?.[at % TILE];
        if (label === undefined) continue;
        const code = cut === null ? undefined : this.source.cached(tileKey(unit, tile))?.[at % TILE];
        const said = code !== undefined && (cut[0] > 0 ? code >= cut[1] : code <= cut[1]);
        take(index, slot.cells[at - slot.start], slot.cells[at - slot.start + 1], said, label);
      }
    });
  }
}

function cutIn(text) {
  const at = text.lastIndexOf(" ");
  return [text.slice(0, at), Number(text.slice(at + 1))];
}

function outcomeOf(said, label) {
  if (label === 255) return null;
  if (said) return label === 1 ? "hit" : "alarm";
  return label === 1 ? "miss" : null;
}

// Hits, false alarms and misses of a cut; `counted` has 256 counts where the label is no, then as many
// where it is yes, code -128 first.
export function countOutcomes(counted, direction, code) {
  let [hit, alarm, miss] = [0, 0, 0];
  for (let place = 0; place < 256; place++) {
    const said = direction > 0 ? place - 128 >= code : place - 128 <= code;
    if (said) [hit, alarm] = [hit + counted[256 + place], alarm + counted[place]];
    else miss += counted[256 + place];
  }
  return [hit, alarm, miss];
}
