// Ranges of symbols and their columns. The server pools by the same edges (analysis/pooling.py).

const GRAIN = 64;
const COARSE = 4; // grains of a column
const MOST_GRAINS = 262144;
export const LEAST = 8; // symbols that a range has, if the text has as many

// Symbols of a grain: columns of several grains begin at multiples of it.
export function grainOf(length) {
  let grain = GRAIN;
  while (length > grain * MOST_GRAINS && grain < 65536) grain *= 2;
  return grain;
}

// Where `width` columns over [start, stop) begin, and where the last one ends: width + 1 numbers.
export function columnEdges(start, stop, width, length) {
  const edges = Float64Array.from({ length: width + 1 },
    (_, column) => start + Math.floor((column * (stop - start)) / width));
  const grain = grainOf(length);
  if (stop - start < width * COARSE * grain) return edges;
  for (let column = 0; column < width; column++) {
    edges[column] = Math.floor(edges[column] / grain) * grain;
  }
  edges[width] = Math.min(Math.ceil(stop / grain) * grain, length);
  return edges;
}

// The column that holds a symbol; the nearest one for symbols outside.
export function columnOf(edges, position) {
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

// A range of whole symbols inside the text, as long as asked where the text is.
export function fitted(start, symbols, length) {
  const long = Math.min(length, Math.max(LEAST, Math.round(symbols)));
  const first = Math.min(length - long, Math.max(0, Math.round(start)));
  return [first, first + long];
}

export function panned([start, stop], share, length) {
  return fitted(start + share * (stop - start), stop - start, length);
}

// Longer or shorter by a factor; `around` stays where it is.
export function zoomed([start, stop], factor, around, length) {
  const share = (around - start) / (stop - start);
  const symbols = Math.max(LEAST, (stop - start) * factor);
  return fitted(around - share * symbols, symbols, length);
}

// Round numbers inside a range, at most so many.
export function roundTimes(start, stop, most) {
  let step = 1;
  for (let zeros = 1; (stop - start) / step > most; zeros *= 10) {
    step = [1, 2, 5, 10].map((digit) => digit * zeros).find((each) => (stop - start) / each <= most)
      ?? 10 * zeros;
  }
  const times = [];
  for (let time = Math.ceil(start / step) * step; time < stop; time += step) times.push(time);
  return times;
}
