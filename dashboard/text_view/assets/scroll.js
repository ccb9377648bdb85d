// Scrolling through more pixels than a browser allows an element to have.
//
// `top` is the true place. The element's own scrollTop follows it: one to one while the text is short,
// else scaled down, with small scrolls still moving pixel by pixel and large ones (a drag of the
// scrollbar) proportionally.

const TALLEST = 8_000_000;
const SETTLE_MS = 150;

export class Scroll {
  constructor(element, spacer, moved) {
    this.element = element;
    this.spacer = spacer;
    this.moved = moved;
    this.total = 0;
    this.view = 0;
    this.top = 0;
    this.last = 0;
    this.timer = 0;
    element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  resize(total, view) {
    this.total = total;
    this.view = view;
    this.spacer.style.height = `${Math.max(0, Math.min(total, TALLEST) - view)}px`;
    this.to(this.top);
  }

  get most() {
    return Math.max(0, this.total - this.view);
  }

  get #ratio() {
    const room = Math.min(this.total, TALLEST) - this.view;
    return room > 0 ? this.most / room : 1;
  }

  to(top) {
    this.top = Math.min(this.most, Math.max(0, top));
    this.#follow();
    this.moved();
  }

  #follow() {
    this.element.scrollTop = this.top / this.#ratio;
    this.last = this.element.scrollTop;
  }

  #scrolled() {
    const at = this.element.scrollTop;
    const moved = at - this.last;
    if (moved === 0) return;
    this.last = at;
    if (this.#ratio === 1) this.top = Math.min(this.most, Math.max(0, at));
    else this.#scaled(at, moved);
    this.moved();
  }

  #scaled(at, moved) {
    const near = Math.abs(moved) <= 4 * this.view;
    const top = near ? this.top + moved : at * this.#ratio;
    this.top = Math.min(this.most, Math.max(0, top));
    const edge = at <= 0 || at >= Math.min(this.total, TALLEST) - this.view - 1;
    clearTimeout(this.timer);
    if (edge) this.#follow(); // or the element could not scroll on to where the text still goes
    else this.timer = setTimeout(() => this.#follow(), SETTLE_MS);
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
