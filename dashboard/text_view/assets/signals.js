// All signals of one unit at one symbol, as small bars from zero.

import { makeElement } from "./frame.js";
import { valueText } from "./palette.js";
import { isSigned } from "./scales.js";
import { NEXT_BLOCK, signalsKey } from "./source.js";

const SIGNAL_NAMES = {
  h: "state", c: "cell", i: "input", f: "forget", g: "candidate", o: "output",
  r: "reset", z: "update", n: "candidate",
};

// The key of the block that holds them, or null where the unit's sites are not known.
export function signalsAt(source, units, unit, position) {
  if (!source.hasSignals || Array.isArray(units)) return null;
  const [layer, , index] = unit.split(".");
  return signalsKey(layer, index, Math.floor(position / NEXT_BLOCK));
}

// The bars; `block` holds the signals of the unit's layer one after another, in the order of the sites.
export function signalBars(block, units, unit, position) {
  const [layer, own] = unit.split(".");
  const signals = Object.keys(units).map((site) => site.split("."))
    .filter(([at]) => at === layer).map(([, signal]) => signal);
  const symbols = block.length / signals.length;
  const rows = signals.map((signal, row) => {
    const value = block[row * symbols + (position % NEXT_BLOCK)] / 127;
    return makeElement("div", signal === own ? "signal own" : "signal", {},
      makeElement("b", "", {}, signal), makeElement("span", "", {}, SIGNAL_NAMES[signal] ?? ""),
      bar(value, isSigned(`0.${signal}.0`)), makeElement("span", "number", {}, valueText(value)));
  });
  return makeElement("div", "signals", {}, makeElement("div", "caption", {}, "Signals"), ...rows);
}

function bar(value, signed) {
  const fill = makeElement("i", "share");
  const zero = signed ? 50 : 0;
  const size = Math.abs(value) * (signed ? 50 : 100);
  fill.style.left = `${value < 0 ? zero - size : zero}%`;
  fill.style.width = `${size}%`;
  return makeElement("span", signed ? "bar signed" : "bar", {}, fill);
}
