import { api } from './engine.js';

function spawn(hear, fail) {
  const worker = new Worker(new URL('./worker-browser.js', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }) => hear(data));
  worker.addEventListener('error', (event) => {
    event.preventDefault();
    fail(event.message || 'the worker does not start');
  });
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
    busy: () => {},
  };
}

export const { Engine, thumbnails, inspect, describe } = api(spawn);
export { ThimbleError, PresetError } from './errors.js';
export { parsePreset, parsePresets } from './presets.js';
export { DIGEST as digest, defaults } from '../dist/defaults.js';
