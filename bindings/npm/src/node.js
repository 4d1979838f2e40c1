import { Worker } from 'node:worker_threads';

import { api } from './engine.js';

/** A worker without variables and arguments, which does not keep the process alive by itself. */
function spawn(hear, fail) {
  const worker = new Worker(new URL('./worker-node.js', import.meta.url), { env: {}, argv: [], execArgv: [] });
  worker.on('message', hear);
  worker.on('error', (error) => fail(error.message));
  worker.on('exit', () => fail('the worker ended'));
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
    busy: (isBusy) => (isBusy ? worker.ref() : worker.unref()),
  };
}

export const { Engine, thumbnails, inspect, describe } = api(spawn);
export { ThimbleError, PresetError } from './errors.js';
export { parsePreset, parsePresets } from './presets.js';
export { DIGEST as digest, defaults } from '../dist/defaults.js';
