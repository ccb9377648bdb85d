// Views of one group on a page keep in step: place, caret, selection and what is pointed at.
//
// Every view loads this module from one address, so they meet in the sets kept here. A view tells the
// others after it has painted, within the same frame; what it does because it was told is not told again.

const groups = new Map(); // name -> {views: Set of Sync, state: what was told last}

export class Sync {
  constructor(view) {
    this.view = view;
    this.group = null;
    this.follows = false; // while doing what another view has told
    this.told = ""; // the state that the others know of
    this.id = null; // of the text that was last in step
  }

  // Be in the group of this name; "": in none.
  join(name) {
    if (name === (this.name ?? "")) return;
    this.leave();
    this.name = name;
    if (!name) return;
    if (!groups.has(name)) groups.set(name, { views: new Set(), state: null });
    this.group = groups.get(name);
    this.group.views.add(this);
    this.id = null;
  }

  leave() {
    this.group?.views.delete(this);
    if (this.group?.views.size === 0) groups.delete(this.name);
    this.group = null;
    this.name = "";
  }

  // After each painting. A text that has just come takes the place that the others have.
  painted() {
    if (this.group === null || this.follows) return;
    const { id } = this.view.options;
    if (this.id !== id) {
      this.id = id;
      if (this.group.views.size > 1 && this.group.state !== null) this.#follow(this.group.state);
      return;
    }
    const state = this.#state();
    const told = JSON.stringify(state);
    if (told === this.told) return;
    this.told = told;
    this.group.state = state;
    this.#others((other) => other.#follow(state));
  }

  // Something is pointed at; -1: nothing any more.
  pointed(position) {
    if (this.group === null || this.follows) return;
    this.#others((other) => other.#point(position));
  }

  #others(tell) {
    for (const other of this.group.views) {
      if (other !== this && other.view.lines !== null) tell(other);
    }
  }

  #state() {
    const { lines, scroll, metrics, interaction } = this.view;
    const rows = scroll.top / metrics.row;
    const { anchor, caret } = interaction.selection;
    return { rows, first: lines.starts[Math.floor(rows)], columns: lines.columns, anchor, caret };
  }

  #follow(state) {
    const { view } = this;
    const { lines, scroll, metrics } = view;
    this.follows = true;
    try {
      // Of the same width, the same rows, headers and all; else the row of the first symbol.
      const rows = state.columns === lines.columns ? state.rows
        : lines.rowOf(state.first) + (state.rows % 1);
      if (Math.abs(scroll.top - rows * metrics.row) > 0.01) scroll.to(rows * metrics.row);
      Object.assign(view.interaction.selection, { anchor: state.anchor, caret: state.caret });
      view.paint();
    } finally {
      this.follows = false;
    }
    this.told = JSON.stringify(this.#state());
  }

  #point(position) {
    this.follows = true;
    try {
      this.view.interaction.hoverAt(position);
    } finally {
      this.follows = false;
    }
  }
}
