// What is timed inside the page, on the browser's own clock; put into every page before its scripts.

window.bench = (() => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const view = () => [...document.querySelectorAll("*")]
    .map((each) => each.shadowRoot?.querySelector(".unitscope"))
    .find(Boolean) ?? document.querySelector(".unitscope");
  const pixels = (canvas) => canvas.getContext("2d")
    .getImageData(0, 0, canvas.width, canvas.height).data;

  // Milliseconds since the navigation once there is coloured text, 0 before.
  function painted() {
    const root = view();
    const canvas = root?.querySelector(".colours");
    if (!canvas?.width || !root.querySelector(".row")?.textContent) return 0;
    return pixels(canvas).some((value) => value > 0) ? performance.now() : 0;
  }

  function bare() {
    return document.querySelector(".stMarkdown")?.innerText === "bare" ? performance.now() : 0;
  }

  // Scroll for so many seconds: milliseconds between the frames.
  async function scroll(seconds, step) {
    const scroller = view().querySelector(".scroller");
    const times = [await frame()];
    while (times.at(-1) - times[0] < 1000 * seconds) {
      scroller.scrollTop += step;
      times.push(await frame());
    }
    return times.slice(1).map((time, index) => time - times[index]);
  }

  // From the pointer's next move to the frame with the whole card, predictions included; -1 if none.
  async function hovered() {
    const card = view().querySelector(".tooltip");
    const { timeStamp } = await new Promise((done) => {
      view().querySelector(".pane").addEventListener("pointermove", done, { once: true });
    });
    while (performance.now() - timeStamp < 1500) {
      await frame();
      if (!card.hidden && card.querySelector("table") && !card.textContent.includes("Loading")) {
        return performance.now() - timeStamp;
      }
    }
    return -1;
  }

  // From the next key to the first frame with other underlines.
  async function typed() {
    const canvas = view().querySelector(".underlines");
    const seen = () => (canvas.hidden || !canvas.width ? "none" : pixels(canvas).join());
    const before = seen();
    const { timeStamp } = await new Promise((done) => {
      document.addEventListener("keydown", done, { once: true, capture: true });
    });
    while (seen() === before) {
      await frame();
      if (performance.now() - timeStamp > 9000) break;
    }
    return performance.now() - timeStamp;
  }

  // Go to the next unit so many times, at a person's pace: milliseconds to each frame.
  async function stepAlone(turns, pause) {
    const scroller = view().querySelector(".scroller");
    const times = [];
    for (let turn = 0; turn < turns; turn++) {
      times.push(await new Promise((done, fail) => {
        const timer = setTimeout(() => fail(new Error("nothing was painted for 20 s")), 20_000);
        addEventListener("unitscope:paint", ({ detail }) => {
          clearTimeout(timer);
          done(detail.lastPaintMs);
        }, { once: true });
        scroller.dispatchEvent(
          new KeyboardEvent("keydown", { key: "]", bubbles: true, cancelable: true }));
      }));
      await new Promise((done) => setTimeout(done, pause * (0.5 + Math.random())));
    }
    return times;
  }

  return { painted, bare, scroll, hovered, typed, stepAlone };
})();
