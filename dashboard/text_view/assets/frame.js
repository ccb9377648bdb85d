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

const HELP = "Arrow keys move, with Shift they select; Page Up and Page Down, Home and End go further; "
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
    high: makeElement("span", "number"),
    choices: makeElement("div", "choices", { role: "group", "aria-label": "Units found", hidden: "" }),
    place: makeElement("span", "place"),
    spaces: makeButton("a\u00b7b", { class: "toggle", "aria-pressed": "false", title: "Mark every space" }),
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
  root.append(
    makeElement("div", "bar", {},
      makeElement("span", "stepper", { role: "group", "aria-label": "Unit" },
        part.previous, part.unit, part.next, part.pin),
      makeElement("span", "scale", {}, part.low,
        makeElement("span", "ramp", {}, part.legend, makeElement("span", "zero", {}, "0")), part.high),
      part.place, part.guesses, part.spaces),
    part.choices,
    part.stack,
    part.problem,
    makeElement("div", "body", {}, part.scroller, part.strip),
    part.live, makeElement("div", "unseen", { id: help }, HELP), part.tooltip,
  );
  return part;
}
