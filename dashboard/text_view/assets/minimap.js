// The whole text as one strip: its strongest values, where the view stands, a click to go there.

const LEAST_MARKER = 8; // pixels, or it could not be seen in a long text

export class Minimap {
  constructor(strip, canvas, marker, goTo) {
    this.strip = strip;
    this.canvas = canvas;
    this.marker = marker;
    this.goTo = goTo; // called with a share of the text, 0 to 1
    this.size = 0; // of the marker
    this.height = 0; // kept: asking the element while scrolling would lay out the page twice a frame
    strip.addEventListener("pointerdown", (event) => this.#press(event));
    strip.addEventListener("pointermove", (event) => {
      if (strip.hasPointerCapture(event.pointerId)) this.#go(event);
    });
  }

  paint(overview, table) {
    this.height = this.strip.clientHeight;
    const height = Math.max(1, Math.round(this.height * devicePixelRatio));
    this.canvas.width = 1;
    this.canvas.height = height;
    const image = new ImageData(1, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let y = 0; y < height && overview.length; y++) {
      pixels[y] = table[strongest(overview, y / height, (y + 1) / height) & 255];
    }
    this.canvas.getContext("2d").putImageData(image, 0, 0);
  }

  clear() {
    this.height = this.strip.clientHeight;
    this.canvas.width = 1; // also empties it
  }

  // Show which part of the text is in view: shares of it, 0 to 1.
  mark(from, to) {
    const { height } = this;
    const size = Math.max(LEAST_MARKER, (to - from) * height);
    const top = Math.min(height - size, ((from + to) * height - size) / 2);
    this.marker.style.transform = `translateY(${Math.max(0, top)}px)`;
    if (size !== this.size) this.marker.style.height = `${(this.size = size)}px`;
  }

  #press(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.strip.setPointerCapture(event.pointerId);
    this.#go(event);
  }

  #go(event) {
    const box = this.strip.getBoundingClientRect();
    this.goTo(Math.min(1, Math.max(0, (event.clientY - box.top) / box.height)));
  }
}

function strongest(overview, from, to) {
  const first = Math.floor(from * overview.length);
  const last = Math.max(first + 1, Math.floor(to * overview.length));
  let found = 0;
  for (let at = first; at < last; at++) {
    if (Math.abs(overview[at]) > Math.abs(found)) found = overview[at];
  }
  return found;
}
