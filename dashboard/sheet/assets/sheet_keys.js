// What each key does. Every entry answers whether it used the key.

const MOVES = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  PageUp: [0, -10], PageDown: [0, 10], Home: [-Infinity, 0], End: [Infinity, 0],
};
const COMMANDS = {
  "+": (view) => view.zoom(0.5),
  "=": (view) => view.zoom(0.5),
  "-": (view) => view.zoom(2),
  "\u2212": (view) => view.zoom(2),
  "0": (view) => view.showAll(),
  Backspace: (view) => view.back(),
  Escape: (view) => view.escape(),
  Enter: (view) => view.choose(view.cursorCell()),
  t: (view) => view.showInText(view.cursorCell()),
  T: (view) => view.showInText(view.cursorCell()),
};
const RANGES = new Set(["+", "=", "-", "\u2212", "0", "Backspace"]);

export function pressKey(view, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { key } = event;
  const { controls } = view.options;
  if (controls && event.shiftKey && (key === "ArrowLeft" || key === "ArrowRight")) {
    view.pan(key === "ArrowLeft" ? -0.5 : 0.5);
    return true;
  }
  if (RANGES.has(key) && !controls) return false;
  const command = COMMANDS[key];
  if (command !== undefined) return command(view) !== false;
  const move = MOVES[key];
  if (move === undefined) return false;
  view.moveCursor(...move);
  return true;
}
