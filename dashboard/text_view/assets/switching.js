// From one unit to another: the old colours stay until the new ones are there, but not for long.

import { NEXT_BLOCK, overviewKey, tileKey, TILE } from "./source.js";
import { steppedUnit } from "./units.js";

const PATIENCE_MS = 150; // then the new unit is shown without the colours that still lack
const QUIET_MS = 100;
const MOST_BLOCKS = 12; // of predictions: more than a window shows of usual text

export class Switching {
  // `owner` answers: source, units, unit, choices, text, range (the symbols in view), commit(unit, since),
  // arrived(key), fail(error or null, unit), needs(unit): keys without which it cannot be painted, and
  // wishes(unit): keys that are good to have, cardKeys(position): keys that a symbol's card needs.
  constructor(owner) {
    this.owner = owner;
    this.wanted = owner.unit;
    this.failed = new Map();
    this.timer = 0;
    this.quiet = 0;
  }

  // Show a unit; `since` is when it was asked for, on the clock of performance.now().
  to(unit, since) {
    this.wanted = unit;
    this.failed.clear();
    this.owner.fail(null);
    clearTimeout(this.timer);
    if (this.#isReady(unit)) return this.owner.commit(unit, since);
    const commit = () => this.wanted === unit && this.owner.unit !== unit && this.owner.commit(unit, since);
    this.timer = setTimeout(commit, PATIENCE_MS);
    Promise.all(this.#needs(unit).map((key) => this.#fetch(key))).then(commit);
    return undefined;
  }

  step(step, since) {
    this.to(steppedUnit(this.owner.units, this.wanted, step), since);
    this.#ask(steppedUnit(this.owner.units, this.wanted, step));
  }

  // After each painting: ask for what is missing, then for what will be wanted next.
  supply() {
    const { unit } = this.owner;
    const keys = [...this.#needs(unit), overviewKey(unit), ...this.owner.wishes(unit)];
    const all = keys.map((key) => this.#askFor(key)).every(Boolean);
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => (all ? this.#prefetch() : this.supply()), QUIET_MS);
  }

  retry() {
    this.failed.clear();
    this.supply();
  }

  #prefetch() {
    const { units, unit, range, text } = this.owner;
    for (const near of [range[0] - TILE, range[1] + TILE]) {
      if (near >= 0 && near < text.length) this.#askFor(tileKey(unit, Math.floor(near / TILE)));
    }
    for (const step of [1, -1]) this.#ask(steppedUnit(units, unit, step));
    for (const choice of this.owner.choices.units) this.#ask(choice);
    this.#askForCards();
  }

  // What the cards of the symbols in view will tell, so that none of them waits.
  #askForCards() {
    const [start, stop] = this.owner.range;
    const last = Math.min(stop, start + MOST_BLOCKS * NEXT_BLOCK);
    let all = true;
    for (let at = start; at < last; at += NEXT_BLOCK) {
      for (const key of this.owner.cardKeys(at)) all = this.#askFor(key) && all;
    }
    if (!all) this.quiet = setTimeout(() => this.#askForCards(), QUIET_MS);
  }

  #ask(unit) {
    for (const key of this.#needs(unit)) this.#askFor(key);
    this.#askFor(overviewKey(unit));
  }

  // False if there are too many requests on the way already.
  #askFor(key) {
    const { source } = this.owner;
    if (this.failed.has(key) || source.cached(key) !== undefined) return true;
    if (source.busy) return false;
    this.#fetch(key);
    return true;
  }

  async #fetch(key) {
    try {
      await this.owner.source.load(key);
    } catch (error) {
      this.failed.set(key, error.message);
      const unit = key.startsWith("next/") ? null : decodeURIComponent(key.split("/")[1]);
      const shown = [this.owner.unit, this.wanted, ...this.owner.layout.stacked];
      // A card says itself what it lacks.
      const matters = unit === null ? this.owner.layout.rows === "guesses"
        : (shown.includes(unit) && (this.#needs(unit).includes(key) || key === overviewKey(unit)));
      if (matters) this.owner.fail(error, unit);
      return;
    }
    this.owner.arrived(key);
  }

  #needs(unit) {
    const [start, stop] = this.owner.range;
    const keys = [];
    for (let tile = Math.floor(start / TILE); tile * TILE < stop; tile++) keys.push(tileKey(unit, tile));
    return [...keys, ...this.owner.needs(unit)];
  }

  #isReady(unit) {
    return this.#needs(unit).every((key) => this.owner.source.cached(key) !== undefined);
  }

  destroy() {
    clearTimeout(this.timer);
    clearTimeout(this.quiet);
  }
}
