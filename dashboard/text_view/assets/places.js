// What a reader writes to go somewhere: a position, a document, a line of one.

import { NEWLINE } from "./symbols.js";

// {position} or {problem}, a sentence. Positions count from 0, lines from 1.
export function placeOf(written, documents, text, here) {
  const asked = written.trim();
  if (asked === "") return { problem: "Write a position, such as 1200, or a document and a line: file.py:12." };
  if (/^[\d,_ ]+$/.test(asked)) {
    const position = Number(asked.replace(/[,_ ]/g, ""));
    if (position < text.length) return { position };
    return { problem: `The text ends at position ${(text.length - 1).toLocaleString("en")}.` };
  }
  const [, name, line] = /^(.*?)(?::(\d+))?$/s.exec(asked);
  const found = name === "" ? documents[here] : documentOf(name, documents);
  if (found === undefined) return { problem: `There is no document \u201c${name}\u201d in this text.` };
  return line === undefined ? { position: found.start } : lineOf(found, Number(line), text);
}

// The document of this name, else the first whose name ends in it, else the first that has it.
function documentOf(name, documents) {
  const wanted = name.toLowerCase();
  const names = documents.map((each) => each.name.toLowerCase());
  for (const fits of [(each) => each === wanted, (each) => each.endsWith(`/${wanted}`),
    (each) => each.endsWith(wanted), (each) => each.includes(wanted)]) {
    const at = names.findIndex(fits);
    if (at >= 0) return documents[at];
  }
  return undefined;
}

function lineOf({ name, start, stop }, line, text) {
  let at = start;
  let seen = 1;
  for (; seen < line; seen++) {
    const end = text.indexOf(NEWLINE, at);
    if (end < 0 || end + 1 >= stop) break;
    at = end + 1;
  }
  if (line >= 1 && seen === line) return { position: at };
  return { problem: `${name || "The text"} has ${seen.toLocaleString("en")} ${seen === 1 ? "line" : "lines"}.` };
}
