// The way in: Streamlit calls the default export, again with the same parent when data or theme change.

import { SheetView } from "./sheet_view.js";

const views = new WeakMap();

export default function mountSheet({ data, parentElement, setStateValue, setTriggerValue }) {
  let held = views.get(parentElement);
  if (held === undefined) {
    held = { revision: data.revision };
    const root = document.createElement("div");
    root.className = "unitsheet";
    root.style.visibility = "hidden"; // the style sheet shows it: nothing flashes before it is there
    parentElement.append(root);
    held.view = new SheetView(root, (name, value) => report(held, name, value));
    views.set(parentElement, held);
  }
  Object.assign(held, { setStateValue, setTriggerValue, recording: data.recording_id });
  held.view.update({ ...data, stale: data.revision < held.revision });
  return () => {
    held.view.destroy();
    views.delete(parentElement);
  };
}

// What Python gets. Range and unit carry a number that Python sends back with its next data, so that
// an answer to an earlier step cannot undo a later one.
function report(held, name, value) {
  const sent = { recording: held.recording, ...value };
  if (name === "place") held.setTriggerValue(name, sent);
  else held.setStateValue(name, { ...sent, revision: (held.revision += 1) });
}
