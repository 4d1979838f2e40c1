// libvips compiled to WebAssembly, run by Node's engine.
import { createRequire } from 'node:module';
import { serve } from './worker.mjs';

const Vips = createRequire(`${process.env.BENCH_NODE_MODULES}/`)('wasm-vips');
const vips = await Vips();
vips.concurrency(1);
vips.Cache.max(0);

const SUFFIX = { jpeg: '.jpg', png: '.png', webp: '.webp' };

function thumbnail(source, [width, height], { format, quality }) {
  const image = vips.Image.thumbnailBuffer(source, width, { height, size: 'down' });
  try {
    return image.writeToBuffer(SUFFIX[format], format === 'png' ? { keep: 'none' } : { Q: quality, keep: 'none' });
  } finally {
    image.delete();
  }
}

async function thumbnails(source, request) {
  return request.sizes.map((bounds) => thumbnail(source, bounds, request));
}

await serve('wasm-vips', {}, thumbnails);
