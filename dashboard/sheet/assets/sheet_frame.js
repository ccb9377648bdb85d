// The elements of the sheet, without anything in them yet.

import { makeElement } from "../../text_view/assets/frame.js";

let frames = 0;

const HELP = "Arrow keys move from column to column and from unit to unit; with Shift, left and right "
  + "move the range. Plus and minus zoom, zero shows everything, Backspace goes back. Enter chooses the "
  + "unit, T shows the place in the text.";

function makeButton(label, title, attributes = {}) {
  return makeElement("button", "", { type: "button", title, "aria-label": title, ...attributes }, label);
}

// Build everything under `root` and return the parts by name.
export function buildFrame(root) {
  const help = `unitsheet-help-${(frames += 1)}`;
  const part = {
    back: makeButton("\u21a9", "Back to the range before (Backspace)", { disabled: "" }),
    left: makeButton("\u2039", "Earlier (Shift and left arrow)"),
    right: makeButton("\u203a", "Later (Shift and right arrow)"),
    out: makeButton("\u2212", "Zoom out (minus)"),
    closer: makeButton("+", "Zoom in (plus)"),
    all: makeButton("All", "The whole text (0)"),
    text: makeButton("Show in text", "Show this place in the text (T)", { class: "wide" }),
    place: makeElement("output", "place"),
    low: makeElement("span", "number"),
    legend: makeElement("canvas", "legend", { role: "img" }),
    middle: makeElement("span", "zero", {}, "0"),
    high: makeElement("span", "number"),
    names: makeElement("div", "names", { "aria-hidden": "true" }),
    codes: makeElement("canvas", "codes", { "aria-hidden": "true" }),
    gaps: makeElement("i", "gaps", { "aria-hidden": "true" }),
    chosen: makeElement("i", "chosen", { hidden: "" }),
    hovered: makeElement("i", "hovered", { hidden: "" }),
    cursor: makeElement("i", "cursor", { hidden: "" }),
    box: makeElement("i", "box", { hidden: "" }),
    axis: makeElement("canvas", "axis", { "aria-hidden": "true" }),
    notice: makeElement("p", "notice", { role: "status" }, "Loading \u2026"),
    problem: makeElement("div", "problem", { role: "alert", hidden: "" }),
    live: makeElement("div", "unseen", { "aria-live": "polite" }),
    tooltip: makeElement("div", "tooltip", { role: "tooltip", hidden: "" }),
  };
  part.plane = makeElement("div", "plane", {},
    part.codes, part.gaps, part.chosen, part.hovered, part.cursor, part.box);
  part.scroller = makeElement("div", "scroller", {
    tabindex: "0", role: "application", "aria-roledescription": "heatmap",
    "aria-label": "Units over time", "aria-describedby": help,
  }, part.names, part.plane);
  part.controls = makeElement("span", "controls", { role: "group", "aria-label": "Range" },
    part.back, part.left, part.right, part.out, part.closer, part.all);
  part.bar = makeElement("div", "bar", {}, part.controls, part.text, part.place,
    makeElement("span", "scale", {}, part.low,
      makeElement("span", "ramp", {}, part.legend, part.middle), part.high));
  root.append(part.bar, part.problem, part.scroller, part.axis, part.notice, part.live,
    makeElement("div", "unseen", { id: help }, HELP), part.tooltip);
  return part;
}
