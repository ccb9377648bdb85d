// The two ways in: Streamlit calls the default export; a page without a server calls mountStandalone.

import { BLUE_ORANGE } from "./palette.js";
import { HttpSource, MemorySource, SYMBOL_TYPES } from "./source.js";
import { TextView } from "./text_view.js";

const views = new WeakMap(); // Streamlit calls again with the same parent whenever data or theme change

export default function mountTextView({ data, parentElement, setStateValue }) {
  let held = views.get(parentElement);
  if (held === undefined) {
    held = { revision: data.revision };
    held.view = new TextView(makeRoot(parentElement), (name, value) => {
      setStateValue(name, reported(held, name, value));
    });
    views.set(parentElement, held);
  }
  held.recording = data.recording_id;
  held.view.update(fromStreamlit(data, held));
  return () => {
    held.view.destroy();
    views.delete(parentElement);
  };
}

function makeRoot(parent) {
  const root = document.createElement("div");
  root.className = "unitscope";
  root.style.visibility = "hidden"; // the style sheet shows it: nothing flashes before it is there
  parent.append(root);
  return root;
}

// What Python gets. A unit carries a number that Python sends back with its next data, so that an
// answer to an earlier key press cannot undo a later one.
function reported(held, name, value) {
  if (name === "unit") return { unit: value, revision: (held.revision += 1) };
  if (value === null) return null;
  return { recording: held.recording, start: value[0], stop: value[1] };
}

function fromStreamlit(data, held) {
  const known = held.view.options;
  const id = `${data.base} ${data.recording_id}`;
  return {
    id,
    source: known?.id === id ? known.source : new HttpSource(data.base, data.recording_id),
    length: data.length,
    documents: namedDocuments(data.documents, data.length),
    vocabulary: data.vocabulary,
    unit: data.unit,
    units: data.units_by_site,
    choices: data.choices,
    stale: data.revision < held.revision,
    scale: data.scale,
    palette: data.palette,
    marks: data.marks,
    position: data.position,
    height: data.height,
    tab: data.tab,
    group: data.group,
    names: data.names,
    theme: "",
  };
}

function namedDocuments(documents, length) {
  if (documents.length === 0) return [{ name: "", start: 0, stop: length }];
  return documents.map(([name, start, stop]) => ({ name, start, stop }));
}

// Show arrays that the page holds itself. `payload`:
//   symbols        code points: a typed array, or base64 with `symbolBytes` 1, 2 or 4
//   units          {unit: codes}: Int8Array (time,) or base64; [ and ] step through them in this order
//   next           optional {ids, probabilities}: Uint16Array and Uint8Array (time * 5,), or base64
//   vocabulary     needed where there is `next`
//   documents      optional [[name, start, stop], ...] that cover the text in order
//   marks          optional [start, stop, start, stop, ...] to underline, sorted and apart
//   unit, scale, palette {light, dark}, position, height, tab: optional, as in Python
//   theme          optional "light" or "dark"; else what the reader prefers
//   report         optional function (name, value), called as in text_view.js
export function mountStandalone(parent, payload) {
  const codePoints = decoded(payload.symbols, SYMBOL_TYPES[payload.symbolBytes]);
  const codes = Object.fromEntries(
    Object.entries(payload.units).map(([unit, values]) => [unit, decoded(values, Int8Array)]));
  const next = payload.next ? {
    ids: decoded(payload.next.ids, Uint16Array),
    probabilities: decoded(payload.next.probabilities, Uint8Array),
  } : null;
  const view = new TextView(makeRoot(parent), payload.report ?? (() => {}));
  const units = Object.keys(codes);
  view.update({
    id: "page",
    source: new MemorySource({ codePoints, codes, next }),
    length: codePoints.length,
    documents: namedDocuments(payload.documents ?? [], codePoints.length),
    vocabulary: payload.vocabulary ?? [],
    unit: payload.unit ?? units[0],
    units,
    choices: [],
    stale: false,
    scale: payload.scale ?? 1,
    palette: payload.palette ?? BLUE_ORANGE,
    marks: payload.marks ?? [],
    position: payload.position ?? null,
    height: payload.height ?? 560,
    tab: payload.tab ?? 4,
    group: "",
    names: {},
    theme: payload.theme ?? "",
  });
  return view;
}

function decoded(values, type) {
  if (typeof values !== "string") return values;
  const bytes = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
  return new type(bytes.buffer);
}
