// A short passage on one line, coloured by a unit: text over a canvas of one pixel a cell.

import { cellsOf, glyphOf, isUnseen, NEWLINE, TAB } from "../../text_view/assets/symbols.js";

// Fill `line` (an empty element in a monospaced font). `codes` is an Int8Array, one a symbol;
// `marks` are [start, stop] pairs of symbols to underline; `table` is palette.js' of all codes.
export function drawStrip(line, { text, marks, codes }, table) {
  const symbols = Array.from(text, (symbol) => symbol.codePointAt(0));
  const cells = [0];
  for (const symbol of symbols) cells.push(cells[cells.length - 1] + widthOf(symbol));
  line.replaceChildren(colours(codes, cells, table), ...marks.map((mark) => underline(mark, cells)),
    letters(symbols));
  line.style.width = `${cells[cells.length - 1]}ch`;
}

function widthOf(symbol) {
  return symbol === NEWLINE || symbol === TAB ? 1 : cellsOf(symbol);
}

function colours(codes, cells, table) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, cells[cells.length - 1]);
  canvas.height = 1;
  const image = new ImageData(canvas.width, 1);
  const pixels = new Uint32Array(image.data.buffer);
  codes.forEach((code, at) => pixels.fill(table[code & 255], cells[at], cells[at + 1]));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function underline([start, stop], cells) {
  const mark = document.createElement("span");
  mark.className = "mark";
  mark.style.left = `${cells[start]}ch`;
  mark.style.width = `${cells[stop] - cells[start]}ch`;
  return mark;
}

// Runs of plain letters are one text node each; any other symbol is alone in its cells.
function letters(symbols) {
  const layer = document.createElement("span");
  layer.className = "letters";
  let run = "";
  for (const symbol of symbols) {
    if (symbol >= 32 && symbol < 127) {
      run += String.fromCodePoint(symbol);
      continue;
    }
    if (run) layer.append(run);
    run = "";
    layer.append(alone(symbol));
  }
  layer.append(run);
  return layer;
}

function alone(symbol) {
  const cell = document.createElement("span");
  const isShown = symbol === NEWLINE || symbol === TAB;
  cell.className = !isShown && isUnseen(symbol) ? "cell boxed" : isShown ? "cell sign" : "cell";
  cell.style.width = `${widthOf(symbol)}ch`;
  cell.textContent = symbol === NEWLINE ? "\u21b5" : symbol === TAB ? "\u2192" : glyphOf(symbol);
  return cell;
}
