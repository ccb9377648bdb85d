// What one symbol (a Unicode code point) looks like in a grid of equal cells.
//
// Every symbol has at least one cell of its own, combining marks and joiners too: the network reads
// them one at a time, so the view shows a value for each.

export const NEWLINE = 10;
export const TAB = 9;
export const SPACE = 32;

// Ranges whose East Asian Width is Wide or Fullwidth, where emoji are not already known as such.
const WIDE = [
  0x1100, 0x115f, 0x2329, 0x232a, 0x2e80, 0x303e, 0x3041, 0x33ff, 0x3400, 0x4dbf, 0x4e00, 0x9fff,
  0xa000, 0xa4cf, 0xa960, 0xa97f, 0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6f,
  0xff01, 0xff60, 0xffe0, 0xffe6, 0x16fe0, 0x18dff, 0x1aff0, 0x1b2ff, 0x1f1e6, 0x1f1ff,
  0x1f200, 0x1f2ff, 0x1f300, 0x1f64f, 0x1f900, 0x1f9ff, 0x20000, 0x3fffd,
];
const EMOJI = /^\p{Emoji_Presentation}$/u;
const MARK = /^\p{M}$/u;
const UNSEEN = /^[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]$/u;
const NAMES = new Map([
  [NEWLINE, "newline"], [TAB, "tab"], [SPACE, "space"], [13, "carriage return"], [0, "null"],
  [12, "form feed"], [27, "escape"], [0xa0, "no-break space"], [0xad, "soft hyphen"],
  [0x200b, "zero-width space"], [0x200c, "zero-width non-joiner"], [0x200d, "zero-width joiner"],
  [0x200e, "left-to-right mark"], [0x200f, "right-to-left mark"], [0x202e, "right-to-left override"],
  [0x2028, "line separator"], [0x2029, "paragraph separator"], [0x3000, "ideographic space"],
  [0xfeff, "byte order mark"], [0xfffd, "unknown symbol"],
]);

const widths = new Uint8Array(0x20000); // 0: not looked up yet

// Cells that a symbol takes: 1 or 2. Tabs and newlines are the business of the layout.
export function cellsOf(codePoint) {
  if (codePoint < 0x1100) return 1;
  if (codePoint >= widths.length) return inRanges(WIDE, codePoint) ? 2 : 1;
  if (widths[codePoint] === 0) {
    const wide = inRanges(WIDE, codePoint) || EMOJI.test(toText(codePoint));
    widths[codePoint] = wide ? 2 : 1;
  }
  return widths[codePoint];
}

function inRanges(ranges, value) {
  let low = 0;
  let high = ranges.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (value < ranges[2 * middle]) high = middle - 1;
    else if (value > ranges[2 * middle + 1]) low = middle + 1;
    else return true;
  }
  return false;
}

// One code point as a string; what no string can hold becomes the replacement character.
export function toText(codePoint) {
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : "\ufffd";
}

// The exact text of a run of code points, for the clipboard.
export function joinText(codePoints) {
  const parts = [];
  for (let at = 0; at < codePoints.length; at += 8192) {
    const part = codePoints.subarray(at, at + 8192);
    parts.push(part.every((value) => value <= 0x10ffff)
      ? String.fromCodePoint(...part) : Array.from(part, toText).join(""));
  }
  return parts.join("");
}

// Whether a symbol has no shape of its own: controls, joiners, direction marks, lone surrogates.
export function isUnseen(codePoint) {
  return codePoint < 32 || (codePoint > 126 && UNSEEN.test(toText(codePoint)));
}

// What is drawn in a symbol's cell; unseen ones get a box, with the letter that types a control in it.
// Nothing that would act on its neighbours is ever drawn raw: a right-to-left override in a corpus
// must not reorder the row, nor a combining mark leave its cell.
export function glyphOf(codePoint) {
  if (isUnseen(codePoint)) return codePoint < 32 ? String.fromCharCode(64 + codePoint) : " ";
  const text = toText(codePoint);
  return codePoint > 126 && MARK.test(text) ? "\u25cc" + text : text;
}

// Symbols that may join a run of text if the font draws them one cell wide.
export function isOrdinary(codePoint) {
  return !isUnseen(codePoint) && cellsOf(codePoint) === 1 && glyphOf(codePoint) === toText(codePoint);
}

// Wide symbols that fonts draw equally wide and that never join their neighbours: ideographs, kana,
// Hangul syllables, full-width forms; not emoji, whose sequences merge into one picture.
export function isEvenlyWide(codePoint) {
  return codePoint >= 0x2e80 && codePoint <= 0xffe6 && cellsOf(codePoint) === 2
    && glyphOf(codePoint) === toText(codePoint) && !EMOJI.test(toText(codePoint));
}

// How a symbol is called in words: a name if it has no shape of its own, else itself in quotes.
export function symbolName(codePoint) {
  const name = NAMES.get(codePoint);
  if (name !== undefined) return name;
  return isUnseen(codePoint) ? codeName(codePoint) : `\u201c${glyphOf(codePoint)}\u201d`;
}

export function codeName(codePoint) {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
}

// The same for a vocabulary's entry, which may be longer than one code point.
export function entryName(entry) {
  const codePoints = Array.from(entry ?? "\ufffd", (part) => part.codePointAt(0));
  if (codePoints.length === 1) return symbolName(codePoints[0]);
  const shapes = codePoints.map((part) => (isUnseen(part) ? `<${symbolName(part)}>` : glyphOf(part)));
  return `\u201c${shapes.join("")}\u201d`;
}
