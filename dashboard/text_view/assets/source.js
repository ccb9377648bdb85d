// Where the view's numbers come from: the server's read-only routes, or arrays in memory.
//
// Both kinds answer the same questions:
//   text() -> Promise of code points          cached(key) -> array or undefined
//   load(key) -> Promise of an array          keys: tileKey(unit, k), overviewKey(unit), nextKey(block) ...
// and say which kinds there are: hasNext, hasCounts, hasSignals, hasSurprise.

export const TILE = 32768;
export const OVERVIEW = 3840;
export const NEXT_BLOCK = 256;
export const NEXT_COUNT = 5;
export const UNSAID = 65535; // the surprise that there is none of
export const SYMBOL_TYPES = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }; // by bytes a symbol

const MEMORY = 128 * 1024 * 1024;
const WAITING = 8; // requests at once; more would queue behind each other in the browser

// Shared by every view on the page and kept over reruns and remounts: URLs name their content.
const kept = new Map();
const waiting = new Map();
let keptBytes = 0;

export class SourceError extends Error {}

export const tileKey = (unit, tile) => `unit/${encodeURIComponent(unit)}/tile/${tile}`;
export const overviewKey = (unit) => `unit/${encodeURIComponent(unit)}/overview`;
export const countsKey = (unit) => `unit/${encodeURIComponent(unit)}/counts`;
export const nextKey = (block) => `next/${block}`;
export const surpriseKey = (block) => `surprise/${block}`;
export const signalsKey = (layer, index, block) => `signals/${layer}.${index}/${block}`;
export const labelTileKey = (labels, tile) => `labels/${labels}/tile/${tile}`;
export const labelCountsKey = (unit, labels) => `unit/${encodeURIComponent(unit)}/counts/${labels}`;

// How the bytes of each kind of key are read; all others are codes.
const KINDS = [
  [/^(next|labels)\//, Uint8Array],
  [/^surprise\//, Uint16Array],
  [/\/counts$/, Uint32Array],
  [/\/counts\//, Int32Array],
];

function typeOf(key) {
  return KINDS.find(([pattern]) => pattern.test(key))?.[1] ?? Int8Array;
}

function recall(url) {
  const value = kept.get(url);
  if (value !== undefined) {
    kept.delete(url); // the map's order is the order of last use
    kept.set(url, value);
  }
  return value;
}

function keep(url, value) {
  kept.set(url, value);
  keptBytes += value.byteLength;
  for (const [oldest, old] of kept) {
    if (keptBytes <= MEMORY || oldest === url) break;
    kept.delete(oldest);
    keptBytes -= old.byteLength;
  }
}

export class HttpSource {
  constructor(base, recording) {
    this.root = `${base.replace(/\/$/, "")}/${encodeURIComponent(recording)}/`;
    this.hasNext = this.hasCounts = this.hasSignals = this.hasSurprise = true;
  }

  get busy() {
    return waiting.size >= WAITING;
  }

  text() {
    return this.#once(`${this.root}text`, (buffer, headers) => {
      const bytes = Number(headers.get("X-Symbol-Bytes"));
      const type = SYMBOL_TYPES[bytes];
      if (type === undefined || buffer.byteLength % bytes) {
        throw new SourceError("the server sent text without its X-Symbol-Bytes header");
      }
      return new type(buffer);
    });
  }

  cached(key) {
    return recall(this.root + key);
  }

  load(key) {
    const type = typeOf(key);
    return this.#once(this.root + key, (buffer) => new type(buffer));
  }

  #once(url, decode) {
    const known = recall(url);
    if (known !== undefined) return Promise.resolve(known);
    if (!waiting.has(url)) {
      const request = fetchBytes(url, decode).finally(() => waiting.delete(url));
      waiting.set(url, request);
    }
    return waiting.get(url);
  }
}

async function fetchBytes(url, decode) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin" });
  } catch {
    throw new SourceError("the server did not answer; is it still running?");
  }
  if (!response.ok) {
    const reason = (await response.text()).slice(0, 200).trim().replace(/\.$/, "");
    throw new SourceError(`the server answered ${response.status}${reason ? `: ${reason}` : ""}`);
  }
  const type = response.headers.get("Content-Type") ?? "nothing";
  if (!type.startsWith("application/octet-stream")) {
    throw new SourceError(`the server sent ${type.split(";")[0]} instead of data; `
      + "it was started without the data routes");
  }
  const value = decode(await response.arrayBuffer(), response.headers);
  keep(url, value);
  return value;
}

// Arrays in the page itself: an exported file has no server.
export class MemorySource {
  constructor({ codePoints, codes, next = null, counts = null, surprise = null }) {
    this.codePoints = codePoints;
    this.codes = codes; // unit -> Int8Array (time,)
    this.next = next; // {ids: Uint16Array (time * 5,), probabilities: Uint8Array (time * 5,)}
    this.counts = counts; // unit -> Uint32Array (256,), over the whole recording
    this.surprise = surprise; // Uint16Array (time,)
    this.hasNext = next !== null;
    this.hasCounts = counts !== null;
    this.hasSurprise = surprise !== null;
    this.hasSignals = false;
    this.busy = false;
    this.overviews = new Map();
  }

  text() {
    return Promise.resolve(this.codePoints);
  }

  cached(key) {
    const [kind, name, what, tile] = key.split("/");
    if (kind === "next") return this.next === null ? undefined : this.#nextBlock(Number(name));
    if (kind === "surprise") return this.surprise?.subarray(name * NEXT_BLOCK, (Number(name) + 1) * NEXT_BLOCK);
    if (kind !== "unit") return undefined;
    const unit = decodeURIComponent(name);
    if (what === "counts") return this.counts?.[unit];
    const codes = this.codes[unit];
    if (codes === undefined) return undefined;
    if (what === "tile") return codes.subarray(tile * TILE, (Number(tile) + 1) * TILE);
    if (!this.overviews.has(unit)) this.overviews.set(unit, overviewOf(codes));
    return this.overviews.get(unit);
  }

  load(key) {
    const value = this.cached(key);
    return value === undefined
      ? Promise.reject(new SourceError("this file does not hold it")) : Promise.resolve(value);
  }

  #nextBlock(block) {
    const [from, to] = [block, block + 1].map((index) => index * NEXT_BLOCK * NEXT_COUNT);
    const ids = this.next.ids.slice(from, to);
    const bytes = new Uint8Array(3 * ids.length);
    bytes.set(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
    bytes.set(this.next.probabilities.subarray(from, to), ids.byteLength);
    return bytes;
  }
}

// The code of largest magnitude in each of at most 3,840 equal stretches.
export function overviewOf(codes) {
  const buckets = Math.min(OVERVIEW, codes.length);
  const overview = new Int8Array(buckets);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const stop = Math.floor(((bucket + 1) * codes.length) / buckets);
    for (let at = Math.floor((bucket * codes.length) / buckets); at < stop; at++) {
      if (Math.abs(codes[at]) > Math.abs(overview[bucket])) overview[bucket] = codes[at];
    }
  }
  return overview;
}

// The predictions after reading one symbol, likeliest first: [{id, probability}], from its block.
export function predictionsIn(block, index) {
  const symbols = block.byteLength / (3 * NEXT_COUNT);
  const ids = new Uint16Array(block.buffer, block.byteOffset, NEXT_COUNT * symbols);
  const codes = block.subarray(2 * NEXT_COUNT * symbols);
  return Array.from({ length: NEXT_COUNT }, (_, rank) => ({
    id: ids[NEXT_COUNT * index + rank],
    probability: codes[NEXT_COUNT * index + rank] / 255,
  }));
}
