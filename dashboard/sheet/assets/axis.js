// Below the columns: the text itself where a column is wide enough for it, and round positions.

import { cellsOf, glyphOf, isUnseen } from "../../text_view/assets/symbols.js";
import { roundTimes } from "./span.js";

export const READABLE = 9; // pixels of a column
const TICK = 96; // pixels between two numbers, at least
const TEXT_ROW = 20;
const HEIGHT = 42;
const SHOWN = new Map([[10, "\u21b5"], [9, "\u2192"], [32, ""]]);

// What stands for one symbol: nothing that would act on its neighbours.
export function shapeOf(codePoint) {
  const known = SHOWN.get(codePoint);
  if (known !== undefined) return known;
  return isUnseen(codePoint) ? "\u25af" : glyphOf(codePoint);
}

// `columns` is {edges, cell}; `text` are the code points, or null while they are on their way.
export function drawAxis(canvas, { edges, cell }, text, { ink, font, mono }) {
  const count = edges.length - 1;
  const width = Math.round(cell * count);
  const ratio = window.devicePixelRatio || 1;
  const readable = cell >= READABLE && edges[count] - edges[0] === count;
  canvas.dataset.text = readable ? "shown" : "";
  canvas.style.width = `${width}px`;
  canvas.style.height = `${HEIGHT}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  const brush = canvas.getContext("2d");
  brush.scale(ratio, ratio);
  brush.fillStyle = brush.strokeStyle = ink;
  brush.textBaseline = "middle";
  if (readable && text !== null) drawText(brush, edges, cell, text, mono);
  drawTimes(brush, edges, cell, width, readable ? TEXT_ROW : 0, font);
}

function drawText(brush, edges, cell, text, mono) {
  const size = Math.min(14, Math.max(10, Math.floor(cell * 1.5)));
  brush.font = `${size}px ${mono}`;
  brush.textAlign = "center";
  for (let column = 0; column < edges.length - 1; column++) {
    const symbol = text[edges[column]];
    const shape = shapeOf(symbol);
    const faint = shape !== String.fromCodePoint(Math.min(symbol, 0x10ffff));
    brush.globalAlpha = faint ? 0.6 : 1;
    // A wide symbol is pressed into its column: the network read one symbol there.
    const room = cell / (cellsOf(symbol) > 1 ? 1 : 0.9);
    brush.fillText(shape, (column + 0.5) * cell, TEXT_ROW / 2 + 1, room);
  }
  brush.globalAlpha = 1;
}

function drawTimes(brush, edges, cell, width, top, font) {
  const count = edges.length - 1;
  const [start, stop] = [edges[0], edges[count]];
  brush.font = `12px ${font}`;
  for (const time of roundTimes(start, stop, Math.max(1, Math.floor(width / TICK)))) {
    const at = ((time - start) / (stop - start)) * width + Math.min(cell, 12) / 2;
    brush.globalAlpha = 0.5;
    brush.fillRect(Math.round(at), top, 1, 5);
    brush.globalAlpha = 1;
    const label = time.toLocaleString("en");
    const half = brush.measureText(label).width / 2;
    brush.textAlign = "center";
    brush.fillText(label, Math.min(width - half, Math.max(half, at)), top + 14);
  }
}
