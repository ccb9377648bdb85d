// Names of units and their order, for stepping to the next one.

// How many units there are to step through; `units` is as below.
export function countUnits(units) {
  return Array.isArray(units) ? units.length : Object.values(units).reduce((sum, count) => sum + count, 0);
}

// The unit `step` places after this one at its site; the last is followed by the first.
// `units` is {site: number of units}, or the list of the only units there are.
export function steppedUnit(units, unit, step) {
  if (Array.isArray(units)) {
    const place = units.indexOf(unit);
    return units[(place + step + units.length) % units.length];
  }
  const cut = unit.lastIndexOf(".");
  const site = unit.slice(0, cut);
  const count = units[site] ?? 1;
  return `${site}.${(Number(unit.slice(cut + 1)) + step + count) % count}`;
}
