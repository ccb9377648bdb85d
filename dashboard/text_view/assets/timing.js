// How long a change took to reach the screen, for tests and benchmarks.

// Call right after drawing. `since` is when the change was asked for, on performance.now()'s clock.
// Once the frame is out, `window.__unitscope` holds the figures and "unitscope:paint" is dispatched.
export function stampPaint(root, { unit, range, since }) {
  const drawn = performance.now();
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      const paintedAt = performance.now();
      const paints = (window.__unitscope?.paints ?? 0) + 1;
      const detail = {
        unit, range: [...range], paints, paintedAt,
        lastPaintMs: paintedAt - since, // from the key or click to the frame
        scriptMs: drawn - since,
      };
      window.__unitscope = detail;
      root.dispatchEvent(new CustomEvent("unitscope:paint", { detail, bubbles: true, composed: true }));
    };
    port2.postMessage(0); // handled after the frame that shows the change
  });
}
