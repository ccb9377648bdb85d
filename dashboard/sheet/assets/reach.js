// What people do to the sheet with a pointer: hover, choose a unit, drag over a range, double click.

const DRAGGED = 4; // pixels; less is a click

export class Reach {
  constructor(view) {
    this.view = view;
    this.from = null; // where a drag began, in pixels of the plane
    const { plane } = view.part;
    plane.onpointerdown = (event) => this.#begin(event);
    plane.onpointermove = (event) => this.#move(event);
    plane.onpointerup = (event) => this.#end(event);
    plane.onpointercancel = () => this.cancel();
    plane.onpointerleave = () => this.from === null && view.hover(null);
    plane.ondblclick = (event) => {
      event.preventDefault();
      view.showInText(this.view.cellAt(event));
    };
  }

  get dragging() { return this.from !== null; }

  #begin(event) {
    if (event.button !== 0) return;
    this.view.part.scroller.focus({ preventScroll: true });
    this.from = this.#across(event);
    this.view.part.plane.setPointerCapture(event.pointerId);
  }

  #move(event) {
    if (this.from === null) return this.view.hover(this.view.cellAt(event));
    const at = this.#across(event);
    if (!this.view.options.controls || Math.abs(at - this.from) < DRAGGED) return undefined;
    const { box } = this.view.part;
    box.hidden = false;
    box.style.left = `${Math.min(at, this.from)}px`;
    box.style.width = `${Math.abs(at - this.from)}px`;
    this.view.hover(null);
    return undefined;
  }

  #end(event) {
    if (this.from === null) return;
    const [from, at] = [this.from, this.#across(event)];
    const dragged = !this.view.part.box.hidden;
    this.cancel();
    if (dragged) this.view.zoomTo(Math.min(from, at), Math.max(from, at));
    else this.view.choose(this.view.cellAt(event));
  }

  // Whether there was a drag to give up.
  cancel() {
    const was = this.from !== null;
    this.from = null;
    this.view.part.box.hidden = true;
    return was;
  }

  #across(event) {
    const box = this.view.part.plane.getBoundingClientRect();
    return Math.min(box.width, Math.max(0, event.clientX - box.left));
  }
}
