// One pixel a unit and column: codes to colours.

// The colour table of one unit whose codes have the colours of others.
function ownTable(table, colours, unit) {
  const own = new Uint32Array(256);
  for (let code = -128; code < 128; code++) {
    own[code & 255] = table[colours[256 * unit + code + 128] & 255];
  }
  return own;
}

// Paint units `rows` of a tile {codes, width}: column c of the picture is column `columns[c]` of the
// tile, or clear where that is negative. `colours` is null where a code has
// its own colour.
export function paintCodes(canvas, { codes, width }, rows, columns, table, colours) {
  const image = new ImageData(columns.length, Math.max(1, rows.length));
  const pixels = new Uint32Array(image.data.buffer);
  let at = 0;
  for (const unit of rows) {
    const own = colours === null ? table : ownTable(table, colours, unit);
    const first = unit * width;
    for (const column of columns) {
      if (column >= 0) pixels[at] = own[codes[first + column] & 255];
      at += 1;
    }
  }
  if (canvas.width !== image.width || canvas.height !== image.height) {
    canvas.width = image.width;
    canvas.height = image.height;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Where the columns of one range lie among those of another, -1 outside: what is there already is
// shown in its place until the codes of the new range have come.
export function columnsWithin(edges, other) {
  const columns = new Int32Array(edges.length - 1).fill(-1);
  let at = 0;
  for (let column = 0; column < columns.length; column++) {
    const middle = (edges[column] + edges[column + 1]) / 2;
    if (middle < other[0] || middle >= other[other.length - 1]) continue;
    while (other[at + 1] <= middle) at += 1;
    columns[column] = at;
  }
  return columns;
}
