// What each key does. Every entry answers whether it used the key.

// For the help; the last three work on the whole page.
export const KEYS = [
  [["\u2190", "\u2192", "\u2191", "\u2193"], "move by a symbol or a line; with Shift they select"],
  [["Page Up", "Page Down"], "move by what is in view"],
  [["Home", "End"], "to the ends of the line; with Ctrl of the text"],
  [["[", "]"], "the previous and the next unit"],
  [["Enter"], "explain the symbol at the caret"],
  [["Ctrl A", "Ctrl C"], "select everything, copy the selection"],
  [["Esc"], "clear the selection, close what is open"],
  [["/"], "write what to search for"],
  [["g"], "go to a position, a document or a line"],
  [["?"], "this list"],
];

const MOVES = {
  ArrowLeft: (view, at) => at - 1,
  ArrowRight: (view, at) => at + 1,
  ArrowUp: (view, at) => view.verticalMove(at, -1),
  ArrowDown: (view, at) => view.verticalMove(at, 1),
  PageUp: (view, at) => view.verticalMove(at, -view.pageRows),
  PageDown: (view, at) => view.verticalMove(at, view.pageRows),
  Home: (view, at, all) => (all ? 0 : view.lines.starts[view.lines.rowOf(at)]),
  End: (view, at, all) => (all ? view.text.length : view.lines.starts[view.lines.rowOf(at) + 1]) - 1,
};
const VERTICAL = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown"]);

export function pressKey(view, event) {
  const command = event.ctrlKey || event.metaKey;
  if (event.key === "[" || event.key === "]") {
    if (command && !event.altKey) return false; // Ctrl-[ is the browser's; AltGr-[ reports both
    view.stepUnit(event.key === "[" ? -1 : 1, event.timeStamp);
    return true;
  }
  if (view.text.length === 0) return false;
  if (event.key === "Escape") return view.escape();
  if (event.key === "Enter") return view.explainCaret();
  if (command && event.key.toLowerCase() === "a") {
    view.chooseAll();
    return true;
  }
  const move = MOVES[event.key];
  if (move === undefined || event.altKey) return false;
  if (!VERTICAL.has(event.key)) view.goalColumn = -1;
  const isNew = view.selection.caret < 0;
  if (isNew) view.moveCaret(view.firstInView(), false);
  const at = view.selection.caret;
  // The first arrow only shows where the caret is.
  const target = isNew && event.key.startsWith("Arrow") ? at : move(view, at, command);
  view.moveCaret(Math.min(view.text.length - 1, Math.max(0, target)), event.shiftKey);
  view.revealCaret();
  return true;
}
