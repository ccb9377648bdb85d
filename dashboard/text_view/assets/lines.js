// Where every symbol stands: a text cut into rows of cells.
//
// Row r shows the symbols [starts[r], starts[r + 1]). A named document's header is a row without symbols.
// Columns are counted in cells; a newline's own cell may stand one past the last column.

import { NEWLINE, TAB, cellsOf } from "./symbols.js";

export class Lines {
  constructor(text, documents, columns, tab) {
    this.text = text;
    this.documents = documents;
    this.columns = columns;
    this.tab = tab;
    this.starts = new Uint32Array(1024);
    this.headers = new Uint32Array(documents.length); // the row of each document's header
    this.count = 0;
    documents.forEach((part, index) => {
      this.headers[index] = this.count;
      if (part.name) this.#add(part.start);
      if (part.stop > part.start) this.#cut(part.start, part.stop);
    });
    this.#add(text.length);
    this.count -= 1;
  }

  #add(position) {
    if (this.count === this.starts.length) {
      const larger = new Uint32Array(2 * this.count);
      larger.set(this.starts);
      this.starts = larger;
    }
    this.starts[this.count++] = position;
  }

  #cut(start, stop) {
    const { text, columns, tab } = this;
    let column = 0;
    this.#add(start);
    for (let at = start; at < stop; at++) {
      const symbol = text[at];
      if (symbol === NEWLINE) {
        if (at + 1 < stop) this.#add(at + 1);
        column = 0;
        continue;
      }
      const width = symbol === TAB ? 1 : symbol < 0x1100 ? 1 : cellsOf(symbol);
      if (column + width > columns && column > 0) {
        this.#add(at);
        column = 0;
      }
      column = symbol === TAB ? tabStop(column, tab, columns) : column + width;
    }
  }

  // The document whose header a row is, or -1.
  headerAt(row) {
    if (this.starts[row] !== this.starts[row + 1]) return -1;
    return lastAtMost(this.headers, row, this.headers.length);
  }

  documentAt(position) {
    let low = 0;
    let high = this.documents.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.documents[middle].start <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  rowOf(position) {
    return Math.max(0, lastAtMost(this.starts, position, this.count));
  }

  // The first cell of every symbol of a row, and one past the last: Uint16Array (symbols + 1,).
  cells(row) {
    const start = this.starts[row];
    const stop = this.starts[row + 1];
    const cells = new Uint16Array(stop - start + 1);
    let column = 0;
    for (let at = start; at < stop; at++) {
      const symbol = this.text[at];
      column = symbol === TAB ? tabStop(column, this.tab, this.columns)
        : column + (symbol < 0x1100 ? 1 : cellsOf(symbol));
      cells[at - start + 1] = column;
    }
    return cells;
  }

  columnOf(position) {
    const row = this.rowOf(position);
    return this.cells(row)[position - this.starts[row]];
  }

  // The symbol under a cell; past the row's end its last symbol, or -1 if `exact`.
  symbolAt(row, column, exact = false) {
    const start = this.starts[row];
    const stop = this.starts[row + 1];
    if (start === stop) return exact ? -1 : Math.min(start, this.text.length - 1);
    const cells = this.cells(row);
    if (exact && (column < 0 || column >= cells[stop - start])) return -1;
    return start + Math.max(0, lastAtMost(cells, Math.max(0, column), stop - start));
  }
}

function tabStop(column, tab, columns) {
  return Math.max(column + 1, Math.min(columns, column + tab - (column % tab)));
}

// Index of the last of the first `count` sorted values that is at most `value`, or -1.
export function lastAtMost(values, value, count) {
  let low = 0;
  let high = count - 1;
  let found = -1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (values[middle] <= value) {
      found = middle;
      low = middle + 1;
    } else high = middle - 1;
  }
  return found;
}
