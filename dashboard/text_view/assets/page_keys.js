// Keys that work anywhere on the page, but where someone writes: / to search, g to go to, ? for help.

const FIELDS = [
  'input[aria-label="or write your own"]',
  'input[type="search"]',
  'input[type="text"][aria-label*="earch" i]',
  '[data-testid="stMain"] input[type="text"]:not([role="combobox"])',
];
const WRITTEN = "input, textarea, select, [contenteditable], [role=textbox]";

const mounted = []; // views on this page; the keys are for the one used last

export class PageKeys {
  // `actions` is {key: function that answers whether it used the key}.
  constructor(root, actions) {
    this.root = root;
    this.actions = actions;
    this.listener = (event) => this.#press(event);
    this.used = () => {
      mounted.splice(mounted.indexOf(this), 1);
      mounted.unshift(this);
    };
    mounted.push(this);
    document.addEventListener("keydown", this.listener);
    root.addEventListener("focusin", this.used);
  }

  #press(event) {
    if (mounted[0] !== this || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (target instanceof Element && target.closest(WRITTEN)) return;
    if (this.actions[event.key]?.()) event.preventDefault();
  }

  destroy() {
    document.removeEventListener("keydown", this.listener);
    const at = mounted.indexOf(this);
    if (at >= 0) mounted.splice(at, 1);
  }
}

// Put the focus into the page's field for searching, if it has one that can be seen.
export function focusSearch() {
  for (const fields of FIELDS) {
    const found = Array.from(document.querySelectorAll(fields)).find((each) => each.getClientRects().length);
    if (found === undefined) continue;
    found.scrollIntoView({ block: "nearest" });
    found.focus();
    found.select();
    return true;
  }
  return false;
}
