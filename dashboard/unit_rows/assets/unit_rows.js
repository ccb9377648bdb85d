// The units that a search has found: a table, and under each unit the same passages in its colours.
//
// `data`: columns [{key, title, help}], rows [{unit, name, cells {key: text}, plot, strips}],
// passages, palette, field. See dashboard/unit_rows.py, which writes it.

import { buildTable, INK, themeOf } from "../../text_view/assets/palette.js";
import { drawStrip } from "./strips.js";

const held = new WeakMap(); // Streamlit calls again with the same parent when data or theme change

export default function mountUnitRows({ data, parentElement, setTriggerValue }) {
  let own = held.get(parentElement);
  if (own === undefined) {
    own = { root: document.createElement("div"), drawn: "" };
    own.root.className = "unit-rows";
    parentElement.append(own.root);
    own.listen = (event) => sendEnter(event, own);
    document.addEventListener("keydown", own.listen);
    held.set(parentElement, own);
  }
  own.field = data.field;
  own.send = setTriggerValue;
  const theme = themeOf(own.root);
  const drawn = `${theme} ${JSON.stringify(data)}`;
  if (drawn !== own.drawn) draw(own, data, theme);
  own.drawn = drawn;
  return () => {
    document.removeEventListener("keydown", own.listen);
    own.root.remove();
    held.delete(parentElement);
  };
}

// Streamlit's own field says nothing on Enter once it has told its value while it was typed.
function sendEnter(event, own) {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || !own.field) return;
  if (field.tagName !== "INPUT" || !field.closest(`.st-key-${own.field}`)) return;
  own.send("enter", field.value);
}

function draw(own, data, theme) {
  const { root } = own;
  const table = buildTable(data.palette[theme]);
  root.dataset.theme = theme;
  root.style.setProperty("--ink", INK[theme]);
  const focused = root.contains(activeIn(root)) ? activeIn(root).dataset.place : undefined;
  root.replaceChildren();
  if (data.rows.length === 0) return;
  const sheet = element("table", "");
  sheet.setAttribute("aria-label", data.label);
  sheet.append(head(data.columns), ...data.rows.map((row) => body(row, data, table, own)));
  root.append(sheet);
  root.querySelector(`[data-place="${focused}"]`)?.focus();
}

function activeIn(root) {
  return root.getRootNode().activeElement;
}

function head(columns) {
  const line = element("tr", "");
  for (const { title, help } of columns) {
    const cell = element("th", "", title);
    cell.scope = "col";
    cell.title = help;
    line.append(cell);
  }
  const top = element("thead", "");
  top.append(line);
  return top;
}

function body(row, data, table, own) {
  const line = element("tr", "numbers");
  for (const { key } of data.columns) {
    const cell = element("td", key);
    if (key === "unit") cell.append(unitButton(row, own));
    else if (key === "plot") cell.append(plot(row.plot));
    else cell.textContent = row.cells[key] ?? "";
    line.append(cell);
  }
  const group = element("tbody", "");
  group.dataset.unit = row.unit;
  group.append(line);
  if (row.strips.length > 0) group.append(strips(row, data, table, own));
  return group;
}

function unitButton(row, own) {
  const button = element("button", "unit", row.name);
  button.type = "button";
  button.title = `Show ${row.unit} in Explore`;
  button.dataset.place = row.unit;
  button.addEventListener("click", () => own.send("open", { unit: row.unit, position: null }));
  return button;
}

// Where the score lies between chance and 1, with its interval and what it has to beat.
function plot({ score, low, high, ticks, chance, words }) {
  const place = (value) => `${(100 * Math.min(1, Math.max(0, value - chance))) / (1 - chance)}%`;
  const track = element("span", "track");
  track.role = "img";
  track.ariaLabel = words;
  track.title = words;
  if (low !== null && high !== null) {
    const band = element("span", "band");
    band.style.left = place(low);
    band.style.right = `calc(100% - ${place(high)})`;
    track.append(band);
  }
  for (const [name, value] of ticks) {
    const tick = element("span", `tick ${name}`);
    tick.style.left = place(value);
    track.append(tick);
  }
  const dot = element("span", "dot");
  dot.style.left = place(score);
  track.append(dot);
  return track;
}

function strips(row, data, table, own) {
  const line = element("tr", "strips");
  const cell = element("td", "");
  cell.colSpan = data.columns.length;
  row.strips.forEach((strip, number) => {
    const passage = strip.passage ?? data.passages[number];
    const codes = Int8Array.from(atob(strip.codes), (letter) => letter.charCodeAt(0));
    const button = element("button", strip.passage ? "strip errs" : "strip");
    button.type = "button";
    button.title = `${passage.where}. Show this place in Explore.`;
    button.dataset.place = `${row.unit} ${number}`;
    button.addEventListener("click", () =>
      own.send("open", { unit: row.unit, position: passage.start }));
    const text = element("span", "line");
    drawStrip(text, { text: passage.text, marks: passage.marks, codes }, table);
    button.append(element("span", "where", passage.name), text);
    cell.append(button);
  });
  line.append(cell);
  return line;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
