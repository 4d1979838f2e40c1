// sharp tuned by hand: the largest size is decoded once, the others come from its pixels.
import { serve } from './worker.mjs';
import { encode, fitted, sharp } from './sharp-common.mjs';

async function thumbnails(source, request) {
  const largest = request.sizes.reduce((one, other) => (other[0] * other[1] > one[0] * one[1] ? other : one));
  const { data, info } = await fitted(sharp(source).rotate(), largest)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const files = [];
  for (const bounds of request.sizes) {
    const pixels = sharp(data, { raw });
    files.push(await encode(bounds === largest ? pixels : fitted(pixels, bounds), request));
  }
  return files;
}

await serve('sharp-once', sharp.versions, thumbnails);
