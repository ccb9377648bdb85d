// Sentences to the reader: what is going on, what went wrong, what a screen reader says.

import { makeElement } from "./frame.js";

const SPOKEN_MS = 100; // a held key moves faster than anyone speaks

export class Messages {
  constructor({ notice, problem, live }) {
    this.part = { notice, problem, live };
    this.timer = 0;
  }

  // Stand in for the text; an empty sentence makes room for it.
  notice(sentence) {
    this.part.notice.textContent = sentence;
    this.part.notice.hidden = sentence === "";
  }

  // Say what went wrong, with a way to try again; null: nothing did.
  problem(sentence, again) {
    this.part.problem.hidden = sentence === null;
    if (sentence === null) return;
    const button = makeElement("button", "again", { type: "button" }, "Try again");
    button.onclick = () => {
      this.problem(null);
      again();
    };
    this.part.problem.replaceChildren(makeElement("span", "", {}, sentence), button);
  }

  announce(sentence) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.part.live.textContent = sentence; }, SPOKEN_MS);
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
