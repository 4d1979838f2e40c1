// Workers, and the images that wait for one.

import { defaults } from '../dist/defaults.js';
import { check } from './check.js';
import { ThimbleError, failure, outOfTime } from './errors.js';
import { nearest } from './nearest.js';
import { parsePresets } from './presets.js';

/** Seconds for a worker to start: fetching and compiling the engine takes a few on a slow line. */
const START = 60;

/** One worker: it starts, works on one image at a time, and is ended at the deadline. */
class Hand {
  #worker;
  #ready;
  #waiting;

  constructor(spawn) {
    this.isAlive = true;
    this.#ready = new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    const timer = setTimeout(() => this.end(failure('engine-unavailable', `it did not start within ${START}s`)), START * 1000);
    this.#ready.catch(() => {}).finally(() => clearTimeout(timer));
    this.#worker = spawn((message) => this.#hear(message), (detail) => this.#fail(detail));
    this.#worker.busy(true);
  }

  /** Name and abilities of the engine, once it is there. */
  async describe() {
    this.#worker.busy(true);
    const info = await this.#ready;
    this.#worker.busy(this.#waiting !== undefined);
    return info;
  }

  /** The engine's answer. The worker does not survive the deadline, nor the caller's change of mind. */
  async generate(request, seconds, signal) {
    const info = await this.describe();
    signal?.throwIfAborted();
    this.#worker.busy(true);
    let timer;
    const stop = () => this.end(signal.reason);
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting = { resolve: (output) => resolve({ output, info }), reject };
        timer = setTimeout(() => this.end(outOfTime(seconds)), Math.min(seconds * 1000, 2 ** 31 - 1));
        signal?.addEventListener('abort', stop);
        this.#worker.post(request);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      this.#worker.busy(false);
    }
  }

  end(reason) {
    this.isAlive = false;
    this.#worker.terminate();
    this.#settle('reject', reason);
  }

  #hear({ ready, output, error }) {
    if (error) {
      if (error.kind === 'engine-unavailable') this.end(new ThimbleError(error.kind, error.message));
      else this.#settle('reject', new ThimbleError(error.kind, error.message));
    } else this.#settle('resolve', ready ?? output);
    if (ready) this.#worker.busy(false);
  }

  #fail(detail) {
    if (this.isAlive) this.end(failure('engine-unavailable', detail));
  }

  #settle(way, value) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.[way](value);
  }
}

function bytes(source) {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer || Object.prototype.toString.call(source) === '[object SharedArrayBuffer]') return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  throw new TypeError('the bytes of an image are expected: an ArrayBuffer or a view of one');
}

const LIMITS = Object.keys(defaults.limits);
const OF_AN_ENGINE = ['memory', 'seconds', 'limits', 'maxSource', 'workers'];
const OF_A_CALL = ['signal'];

/** Refuses names that nobody reads: what was meant by them would not hold. */
function refuseOthers(kind, given, known) {
  const other = Object.keys(given).find((name) => !known.includes(name));
  if (other === undefined) return;
  const meant = nearest(other, known);
  let remedy = meant ? `did you mean ${meant}?` : `there are ${known.join(', ')}`;
  if (kind === 'option' && LIMITS.includes(other)) remedy = `it is one of the limits: { limits: { ${other} } }`;
  if (kind === 'option' && OF_AN_ENGINE.includes(other)) remedy = `it is one of new Engine({ ${other} })`;
  throw new TypeError(`no ${kind} is called ${other}; ${remedy}`);
}

/** A number that a caller gave, or the default. */
function amount(options, name, usual) {
  const value = options[name] ?? usual;
  if (typeof value !== 'number' || !(value > 0)) throw new RangeError(`${name} is a number above 0, not ${value}`);
  return value;
}

function limits(given = {}) {
  refuseOthers('limit', given, LIMITS);
  const known = { ...defaults.limits };
  for (const [name, value] of Object.entries(given)) {
    const most = name === 'maxPixels' ? Number.MAX_SAFE_INTEGER : 2 ** 32 - 1;
    if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError(`${name} is a whole number up to ${most}, not ${value}`);
    known[name] = value;
  }
  return known;
}

/** The package for a kind of worker: `spawn(hear, fail)` starts one. */
export function api(spawn) {
  class Engine {
    #hands = [];
    #idle = [];
    #queue = [];
    #workers;
    #isClosed = false;

    constructor(options = {}) {
      refuseOthers('option', options, OF_AN_ENGINE);
      this.limits = limits(options.limits);
      this.memory = amount(options, 'memory', defaults.memory);
      this.seconds = amount(options, 'seconds', defaults.seconds);
      this.maxSource = amount(options, 'maxSource', defaults.maxSource);
      this.#workers = Math.ceil(amount(options, 'workers', 1));
    }

    async describe() {
      const hand = await this.#take();
      try {
        return await hand.describe();
      } finally {
        this.#give(hand);
      }
    }

    async inspect(source, options) {
      const { source: info, warnings } = await this.thumbnails(source, [], options);
      return { ...info, warnings };
    }

    async thumbnails(source, presets, options = {}) {
      refuseOthers('option', options, OF_A_CALL);
      const { signal } = options;
      const image = bytes(source);
      const named = parsePresets(presets);
      if (image.byteLength > this.maxSource) {
        throw new ThimbleError('source-too-large', `it has ${image.byteLength} bytes, and at most ${this.maxSource} are read`);
      }
      signal?.throwIfAborted();
      const specs = named.map(({ spec }) => spec);
      const hand = await this.#take();
      try {
        const request = { source: image, specs, limits: this.limits, memory: this.memory };
        const { output, info } = await hand.generate(request, this.seconds, signal);
        check(output, specs, this.limits, info);
        return result(output, named);
      } finally {
        this.#give(hand);
      }
    }

    close() {
      this.#isClosed = true;
      const closed = failure('engine-unavailable', 'it was closed');
      for (const { reject } of this.#queue.splice(0)) reject(closed);
      for (const hand of this.#hands.splice(0)) hand.end(closed);
    }

    async #take() {
      if (this.#isClosed) throw failure('engine-unavailable', 'it was closed');
      const idle = this.#idle.pop();
      if (idle) return idle;
      if (this.#hands.length < this.#workers) return this.#hire();
      return new Promise((resolve, reject) => this.#queue.push({ resolve, reject }));
    }

    #hire() {
      const hand = new Hand(spawn);
      this.#hands.push(hand);
      return hand;
    }

    #give(hand) {
      if (!hand.isAlive) this.#hands = this.#hands.filter((other) => other !== hand);
      if (this.#isClosed) return;
      const next = this.#queue.shift();
      if (next) next.resolve(hand.isAlive ? hand : this.#hire());
      else if (hand.isAlive) this.#idle.push(hand);
    }
  }

  // One engine for all who ask for nothing special.
  let shared;
  const usual = () => (shared ??= new Engine());

  const asked = async (work, given = {}) => {
    refuseOthers('option', given, [...OF_AN_ENGINE, ...OF_A_CALL]);
    const { signal, ...options } = given;
    if (Object.keys(options).length === 0) return work(usual(), { signal });
    const engine = new Engine(options);
    try {
      return await work(engine, { signal });
    } finally {
      engine.close();
    }
  };
  return {
    Engine,
    thumbnails: (source, presets, options) => asked((engine, rest) => engine.thumbnails(source, presets, rest), options),
    inspect: (source, options) => asked((engine, rest) => engine.inspect(source, rest), options),
    describe: () => usual().describe(),
  };
}

function result({ source, thumbnails, warnings }, named) {
  return {
    source: { mediaType: source.mediaType, ...source.dimensions, frames: source.frames },
    thumbnails: thumbnails.map(({ data, mediaType, dimensions }, index) => ({
      name: named[index].name,
      data,
      mediaType,
      ...dimensions,
    })),
    warnings,
  };
}
