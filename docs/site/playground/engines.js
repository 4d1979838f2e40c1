// Two engines: a small one with the formats of most images, and the whole one, which is
// fetched for the first image that the small one does not read. What both read they make
// the same thumbnails of.

import { Engine } from './common/src/browser.js';

export { PresetError, digest as smallDigest, parsePresets } from './common/src/browser.js';
export { DIGEST as wholeDigest } from './engine/dist/defaults.js';

/** The formats that only the whole engine reads. */
export const LATER = ['image/avif', 'image/jxl'];

const common = new Engine();
let fetched;

/** Name, version and formats of the engine, once it is there. */
export async function describe() {
  const { name, version, decodes } = await common.describe();
  return { name, version, decodes: [...decodes, ...LATER] };
}

/** The thumbnails of an image, by the small engine if it can. */
export async function thumbnails(bytes, presets, { signal, seconds = common.seconds } = {}) {
  try {
    common.seconds = seconds;
    return await common.thumbnails(bytes, presets, { signal });
  } catch (error) {
    if (error.kind !== 'unsupported-format') throw error;
  }
  const engine = await whole();
  engine.seconds = seconds;
  return engine.thumbnails(bytes, presets, { signal });
}

/** The whole engine. Browsers do not ask again for a module that a page could not fetch. */
function whole() {
  fetched ??= import('./engine/src/browser.js').then((module) => new module.Engine(), (cause) => {
    throw new Error('the decoder of this format cannot be fetched; look at the network, and reload the page', { cause });
  });
  return fetched;
}
