// Codes to colours. A code is an int8: value = code / 127 times the scale.

// What a page has that brings none of its own.
export const PALETTES = {
  "blue-orange": {
    light: ["#f1a340", "#fbdcae", "#ffffff", "#b9cfec", "#6fa0dc"],
    dark: ["#9a4b00", "#5a3410", "#171614", "#123a63", "#0b5aa8"],
  },
};
export const PLAIN_STYLE = { palette: "blue-orange", scale: "raw", flip: false, outcomes: false, cut: "" };
export const INK = { light: "#2f2d2b", dark: "#edebe8" };
export const PAPER = { light: "#ffffff", dark: "#171614" };

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// The colour at `share` of the way from the first stop to the last: [red, green, blue].
export function blend(stops, share) {
  return blended(stops.map(channels), share);
}

function blended(stops, share) {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const left = Math.min(stops.length - 2, Math.floor(place));
  const [from, to] = [stops[left], stops[left + 1]];
  return from.map((value, index) => Math.round(value + (to[index] - value) * (place - left)));
}

// One opaque pixel of an ImageData seen as Uint32: its bytes in memory are red, green, blue, alpha.
export function packChannels([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

export function packColour(hex) {
  return packChannels(channels(hex));
}

// Shares of the way through a palette of the values themselves, from -1 to 1; code -128 first.
const RAW = Float64Array.from({ length: 256 }, (_, place) => (Math.max(1, place) - 1) / 254);

// Pixels of all codes, Uint32Array (256,), found at `code & 255`. `shares` has code -128 first.
export function buildTable(stops, shares = RAW) {
  const channelled = stops.map(channels);
  const table = new Uint32Array(256);
  shares.forEach((share, place) => {
    table[(place - 128) & 255] = packChannels(blended(channelled, share));
  });
  return table;
}

// The legend's strip, from a share of the way through the stops to the last.
export function drawLegend(canvas, stops, from = 0) {
  const steps = 255;
  canvas.width = steps;
  canvas.height = 1;
  const image = new ImageData(steps, 1);
  for (let at = 0; at < steps; at++) {
    const share = from + ((1 - from) * at) / (steps - 1);
    image.data.set([...blend(stops, share), 255], 4 * at);
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

export function valueText(value) {
  const sign = value < 0 ? "\u2212" : value > 0 ? "+" : "";
  return sign + Math.abs(value).toFixed(2);
}

// With its sign and at most two decimals.
export function scaleText(value) {
  const shown = Math.abs(value).toFixed(2).replace(/\.?0+$/, "");
  if (shown === "0" || shown === "") return "0";
  return (value < 0 ? "\u2212" : "+") + shown;
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
