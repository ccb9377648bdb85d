// The elements of the view, without anything in them yet.

let frames = 0;

export function makeElement(tag, className, attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function makeButton(label, attributes) {
  return makeElement("button", "", { type: "button", ...attributes }, label);
}

const HELP = "Press question mark for all keys. Arrow keys move, with Shift they select; Page Up and Page Down, Home and End go further; "
  + "square brackets go to the previous and the next unit; Enter explains the symbol; "
  + "Escape clears the selection.";

// Build everything under `root` and return the parts by name.
export function buildFrame(root) {
  const help = `unitscope-help-${(frames += 1)}`;
  const part = {
    previous: makeButton("\u2039", { title: "Previous unit  [", "aria-label": "Previous unit" }),
    unit: makeElement("output", "unit"),
    next: makeButton("\u203a", { title: "Next unit  ]", "aria-label": "Next unit" }),
    pin: makeButton("+", { "aria-label": "Keep this unit as a band" }),
    low: makeElement("span", "number"),
    legend: makeElement("canvas", "legend", { role: "img" }),
    zero: makeElement("span", "zero"),
    high: makeElement("span", "number"),
    colouring: makeButton("", { class: "colouring", "aria-haspopup": "dialog", title: "Scale, palette, direction" }),
    panel: makeElement("div", "panel", { popover: "auto", role: "dialog", "aria-label": "Colours" }),
    choices: makeElement("div", "choices", { role: "group", "aria-label": "Units found", hidden: "" }),
    place: makeElement("span", "place"),
    outcomes: makeButton("Hits and misses", { class: "outcomes", "aria-pressed": "false", hidden: "",
      title: "Compare the unit with what is underlined" }),
    verdicts: makeElement("div", "verdicts", { role: "group", "aria-label": "Hits and misses", hidden: "" }),
    tally: makeElement("span", "tally"),
    cut: makeElement("input", "cut", { type: "range", min: "-127", max: "127", step: "1", "aria-label": "Cut" }),
    said: makeElement("output", "said"),
    best: makeButton("Best F1", { title: "The cut with the best F1 over the whole text" }),
    goTo: makeButton("Go to", { title: "Go to a position or a line  g" }),
    table: makeButton("Table", { title: "The text in view as a table" }),
    help: makeButton("?", { title: "Keys  ?", "aria-label": "Keys" }),
    sheet: makeElement("dialog", "sheet"),
    spaces: makeButton("a\u00b7b", { class: "toggle spaces", "aria-pressed": "false", title: "Mark every space" }),
    guesses: makeButton("Guesses", {
      class: "toggle", "aria-pressed": "false", title: "Show what the network expected at each symbol",
    }),
    stack: makeElement("div", "stack", { role: "group", "aria-label": "Further units", hidden: "" }),
    colours: makeElement("canvas", "colours", { "aria-hidden": "true" }),
    bands: makeElement("canvas", "bands", { "aria-hidden": "true", hidden: "" }),
    hits: makeElement("canvas", "hits", { "aria-hidden": "true", hidden: "" }),
    underlines: makeElement("canvas", "underlines", { "aria-hidden": "true" }),
    layer: makeElement("div", "layer"),
    caret: makeElement("i", "caret", { hidden: "" }),
    hovered: makeElement("i", "hovered", { hidden: "" }),
    spacer: makeElement("div", "spacer"),
    notice: makeElement("p", "notice", { role: "status" }, "Loading the text \u2026"),
    strip: makeElement("div", "strip", { "aria-hidden": "true", title: "The whole text" }),
    overview: makeElement("canvas", "overview"),
    marker: makeElement("i", "marker"),
    problem: makeElement("div", "problem", { role: "alert", hidden: "" }),
    live: makeElement("div", "unseen", { "aria-live": "polite" }),
    tooltip: makeElement("div", "tooltip", { role: "tooltip", hidden: "" }),
    probe: makeElement("span", "probe", { "aria-hidden": "true" }),
  };
  part.moving = makeElement("div", "moving", {},
    part.colours, part.bands, part.underlines, part.hits, part.layer, part.hovered, part.caret);
  part.pane = makeElement("div", "pane", {}, part.moving, part.probe, part.notice);
  part.scroller = makeElement("div", "scroller", {
    tabindex: "0", role: "application", "aria-roledescription": "coloured text",
    "aria-label": "Text coloured by one unit", "aria-describedby": help,
  }, part.pane, part.spacer);
  part.strip.append(part.overview, part.marker);
  part.colouring.popoverTargetElement = part.panel;
  part.verdicts.append(part.tally, makeElement("span", "cutting", {}, part.cut, part.said, part.best));
  root.append(
    makeElement("div", "bar", {},
      makeElement("span", "stepper", { role: "group", "aria-label": "Unit" },
        part.previous, part.unit, part.next, part.pin),
      makeElement("span", "scale", {}, part.low,
        makeElement("span", "ramp", {}, part.legend, part.zero), part.high),
      part.colouring, part.panel, part.outcomes,
      part.place, makeElement("span", "tools", {}, part.guesses, part.goTo, part.table, part.spaces, part.help)),
    part.choices,
    part.stack,
    part.verdicts,
    part.problem,
    makeElement("div", "body", {}, part.scroller, part.strip),
    part.live, makeElement("div", "unseen", { id: help }, HELP), part.tooltip, part.sheet,
  );
  return part;
}
