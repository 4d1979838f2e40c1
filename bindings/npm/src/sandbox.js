// The inside of a worker: one instance of the engine for each image, dropped with
// all its memory when the call ends.

import { instantiate } from '../dist/engine.js';
import { LIMIT, REFUSED } from '../dist/defaults.js';
import { modules } from '../dist/modules.js';
import { ThimbleError, failure, outOfMemory } from './errors.js';

const CONTRACT = 'thimble:engine/thumbnailer@0.1.0';
const PAGE = 65536;

/** Imports of the engine's command line, which a thumbnail never needs: calling one ends the call. */
const WITHOUT_POWER = new Proxy({}, {
  get: (_, interface_) => new Proxy({}, {
    get: (_, name) => function powerless() {
      throw failure('engine-trap', `a call of ${String(interface_)} ${String(name)}, which has no power here`);
    },
  }),
});

export class Sandbox {
  /** Compiles the engine, whose files `read` returns the bytes of. */
  static async load(read) {
    const compile = async ([name, url]) => [name, await WebAssembly.compile(await unpacked(await read(url)))];
    return new Sandbox(Object.fromEntries(await Promise.all(Object.entries(modules).map(compile))));
  }

  constructor(compiled) {
    this.compiled = compiled;
  }

  describe() {
    return this.#start(Infinity).engine.describe();
  }

  /** `generate` of the contract, or a `ThimbleError`. */
  generate({ source, specs, limits, memory }) {
    if (source.byteLength > memory) throw outOfMemory(memory);
    const { engine, exports } = this.#start(memory);
    try {
      return engine.generate(source, specs, { ...limits, maxPixels: BigInt(limits.maxPixels) });
    } catch (death) {
      throw cause(death, exports[REFUSED].value, memory);
    }
  }

  #start(memory) {
    let exports;
    const start = (module, imports) => {
      const instance = new WebAssembly.Instance(module, imports);
      if (LIMIT in instance.exports) exports = instance.exports;
      return instance;
    };
    const root = instantiate((name) => this.compiled[name], WITHOUT_POWER, start);
    if (exports.memory.buffer.byteLength > memory) throw outOfMemory(memory);
    exports[LIMIT].value = Math.min(Math.floor(memory / PAGE), PAGE);
    return { engine: root[CONTRACT], exports };
  }
}

async function unpacked(bytes) {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isPacked) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}

/** The meaning of a call's end. The meter is asked first: an engine that is refused memory blames the image. */
function cause(death, refused, memory) {
  if (refused === 1) return outOfMemory(memory);
  if (refused === 2) return failure('engine-unavailable', 'this machine has not the memory that the engine needs');
  if (death instanceof ThimbleError) return death;
  // jco throws an error of the contract as it is, or wraps it.
  const { tag, val } = death?.payload ?? death ?? {};
  if (typeof tag === 'string') return failure(tag === 'other' ? 'engine-other' : tag, val);
  const isDeep = death instanceof RangeError || death?.name === 'InternalError';
  if (isDeep && /call stack|recursion/.test(death.message)) return failure('engine-stack');
  if (death instanceof WebAssembly.RuntimeError) return failure('engine-trap', death.message);
  return failure('engine-output', `an answer that cannot be read: ${death?.message}`);
}

/** Answers the messages of a page or a program, one after another. */
export async function serve(read, listen, post) {
  const refuse = ({ kind = 'engine-unavailable', message }) => post({ error: { kind, message } }, []);
  let sandbox;
  try {
    sandbox = await Sandbox.load(read);
    post({ ready: sandbox.describe() }, []);
  } catch (error) {
    refuse(error);
    return;
  }
  listen((request) => {
    try {
      const output = sandbox.generate(request);
      post({ output }, output.thumbnails.map(({ data }) => data.buffer));
    } catch (error) {
      refuse(error);
    }
  });
}
