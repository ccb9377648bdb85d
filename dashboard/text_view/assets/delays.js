// Actions that wait until nothing else of their name has come for a while.

export class Delays {
  constructor() {
    this.timers = {};
  }

  put(name, milliseconds, action) {
    this.drop(name);
    this.timers[name] = setTimeout(action, milliseconds);
  }

  drop(name) {
    clearTimeout(this.timers[name]);
  }

  dropAll() {
    for (const name of Object.keys(this.timers)) this.drop(name);
  }
}
