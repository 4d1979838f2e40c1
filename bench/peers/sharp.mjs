// sharp as people write it: one pipeline a size.
import { serve } from './worker.mjs';
import { encode, fitted, sharp } from './sharp-common.mjs';

async function thumbnails(source, request) {
  const files = [];
  for (const bounds of request.sizes) {
    files.push(await encode(fitted(sharp(source).rotate(), bounds), request));
  }
  return files;
}

await serve('sharp', sharp.versions, thumbnails);
