// The caret, what is selected, and the pointer that moves both.

import { toText } from "./symbols.js";

const CLICK_PX = 3;

// Positions only. The caret stands on a symbol; a selection holds both its ends.
export class Selection {
  constructor() {
    this.caret = -1;
    this.anchor = -1;
  }

  moveTo(position, extend) {
    if (!extend) this.anchor = -1;
    else if (this.anchor < 0) this.anchor = Math.max(0, this.caret);
    this.caret = position;
  }

  choose(start, stop) {
    this.anchor = start;
    this.caret = stop - 1;
  }

  clear() {
    this.anchor = -1;
  }

  // [start, stop) or null.
  get range() {
    if (this.anchor < 0) return null;
    return [Math.min(this.anchor, this.caret), Math.max(this.anchor, this.caret) + 1];
  }
}

const WORD = /[\p{L}\p{M}\p{N}_]/u;

// The word around a position, or the single symbol if it is not in a word.
export function wordAround(text, position) {
  const isWord = (at) => at >= 0 && at < text.length && WORD.test(toText(text[at]));
  let start = position;
  let stop = position + 1;
  if (isWord(position)) {
    while (isWord(start - 1)) start -= 1;
    while (isWord(stop)) stop += 1;
  }
  return [start, stop];
}

// Drag to select. The owner answers `symbolAtPoint`, `moveCaret`, `finishSelection`, `scrollBy`, `hover`.
export class Pointer {
  constructor(pane, owner) {
    this.pane = pane;
    this.owner = owner;
    this.press = null;
    this.last = null;
    this.frame = 0;
    pane.addEventListener("pointerdown", (event) => this.#down(event));
    pane.addEventListener("pointermove", (event) => this.#move(event));
    pane.addEventListener("pointerup", (event) => this.#up(event));
    pane.addEventListener("pointercancel", (event) => this.#up(event));
    pane.addEventListener("pointerleave", () => owner.hover(null));
    pane.addEventListener("dblclick", (event) => owner.chooseWord(event));
  }

  #down(event) {
    const position = this.owner.symbolAtPoint(event, false);
    if (event.button !== 0 || position < 0) return;
    this.owner.focus();
    event.preventDefault(); // the page's own selection would start here
    this.pane.setPointerCapture(event.pointerId);
    this.press = { x: event.clientX, y: event.clientY, moved: event.shiftKey };
    this.owner.moveCaret(position, event.shiftKey);
    this.owner.hover(null);
  }

  #move(event) {
    this.last = event;
    if (this.press === null) return this.owner.hover(event);
    const far = Math.hypot(event.clientX - this.press.x, event.clientY - this.press.y) > CLICK_PX;
    if (!this.press.moved && !far) return undefined;
    this.press.moved = true;
    this.#extend();
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.#pull());
    return undefined;
  }

  #extend() {
    const position = this.owner.symbolAtPoint(this.last, false);
    if (position >= 0) this.owner.moveCaret(position, true);
  }

  // While the pointer is held above or below the pane, the text comes to it.
  #pull() {
    this.frame = 0;
    if (this.press === null) return;
    const box = this.pane.getBoundingClientRect();
    const over = Math.min(0, this.last.clientY - box.top) + Math.max(0, this.last.clientY - box.bottom);
    if (over === 0) return;
    this.owner.scrollBy(over / 2);
    this.#extend();
    this.frame = requestAnimationFrame(() => this.#pull());
  }

  #up() {
    if (this.press === null) return;
    this.press = null;
    this.owner.finishSelection();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.press = null;
  }
}
