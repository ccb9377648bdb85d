// Pooled codes from the server: one request at a time, and then only for what is still wanted.

import { HttpSource } from "../../text_view/assets/source.js";

export class Supply {
  // `changed()` is called whenever something has come or failed.
  constructor(base, recording, changed) {
    this.source = new HttpSource(base, recording);
    this.changed = changed;
    this.wanted = null;
    this.busy = false;
    this.problem = null;
    this.text = null;
    this.limits = null;
  }

  // What is there of a tile {site, start, stop, width}, or undefined; then it is sent for.
  tile(tile) {
    const key = `site/${encodeURIComponent(tile.site)}/sheet`
      + `?start=${tile.start}&stop=${tile.stop}&width=${tile.width}`;
    const known = this.source.cached(key);
    this.wanted = known === undefined ? key : null;
    if (known === undefined) this.#send();
    return known;
  }

  // The code whose raw colour stands for each code of each unit, Int8Array (units * 256,), entry k of
  // a unit for the code k - 128; undefined while it is on its way.
  coloursOf(site, scale) {
    const key = `site/${encodeURIComponent(site)}/colours/${encodeURIComponent(scale)}`;
    const known = this.source.cached(key);
    if (known === undefined && this.problem === null) this.#once(this.source.load(key));
    return known;
  }

  // The text's code points, or null while they are on their way.
  symbols() {
    if (this.text === null && !this.asked) {
      this.asked = true;
      this.#once(this.source.text().then((text) => { this.text = text; }));
    }
    return this.text;
  }

  retry() {
    this.problem = null;
    this.asked = this.text !== null;
    this.changed();
  }

  async #send() {
    if (this.busy || this.problem !== null) return;
    this.busy = true;
    while (this.wanted !== null && this.problem === null) {
      const key = this.wanted;
      try {
        await this.source.load(key);
      } catch (error) {
        this.problem = error.message;
      }
      if (this.wanted === key) this.wanted = null;
    }
    this.busy = false;
    this.changed();
  }

  async #once(promise) {
    try {
      await promise;
    } catch (error) {
      this.problem = error.message;
    }
    this.changed();
  }
}
