// Codes to colours. A code is an int8: value = code / 127 times the scale.

export const BLUE_ORANGE = {
  light: ["#f1a340", "#fbdcae", "#ffffff", "#b9cfec", "#6fa0dc"],
  dark: ["#9a4b00", "#5a3410", "#171614", "#123a63", "#0b5aa8"],
};
export const INK = { light: "#2f2d2b", dark: "#edebe8" };

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// The colour at `share` of the way from the first stop to the last: [red, green, blue].
export function blend(stops, share) {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const left = Math.min(stops.length - 2, Math.floor(place));
  const from = channels(stops[left]);
  const to = channels(stops[left + 1]);
  return from.map((value, index) => Math.round(value + (to[index] - value) * (place - left)));
}

// One opaque pixel of an ImageData seen as Uint32: its bytes in memory are red, green, blue, alpha.
export function packColour(hex) {
  const [red, green, blue] = channels(hex);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

// Pixels of all codes, Uint32Array (256,), found at `code & 255`.
export function buildTable(stops) {
  const table = new Uint32Array(256);
  for (let code = -128; code < 128; code++) {
    const [red, green, blue] = blend(stops, (Math.max(-127, code) + 127) / 254);
    table[code & 255] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return table;
}

// The legend's strip: one pixel a code, -127 to 127.
export function drawLegend(canvas, table) {
  canvas.width = 255;
  canvas.height = 1;
  const image = new ImageData(255, 1);
  const pixels = new Uint32Array(image.data.buffer);
  for (let code = -127; code <= 127; code++) pixels[code + 127] = table[code & 255];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

export function valueText(value) {
  const sign = value < 0 ? "\u2212" : value > 0 ? "+" : "";
  return sign + Math.abs(value).toFixed(2);
}

export function scaleText(value) {
  return (value < 0 ? "\u2212" : value > 0 ? "+" : "") + String(Math.abs(value));
}

// Which of the two palettes the page wants: Streamlit says by its variables, other pages by preference.
export function themeOf(root, forced) {
  if (forced === "light" || forced === "dark") return forced;
  const background = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  if (background === "" || background === "unset") {
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  const brush = document.createElement("canvas").getContext("2d");
  brush.fillStyle = background;
  brush.fillRect(0, 0, 1, 1);
  const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light";
}
