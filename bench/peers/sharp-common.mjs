// Shared by both ways of using sharp.
import { createRequire } from 'node:module';

// The packages are installed beside the checkout's other tools, not here.
export const sharp = createRequire(`${process.env.BENCH_NODE_MODULES}/`)('sharp');

sharp.concurrency(1);
// Every image is a new one to a server: no operation may be answered from a cache.
sharp.cache(false);

export function fitted(pipeline, [width, height]) {
  return pipeline.resize({ width, height, fit: 'inside', withoutEnlargement: true });
}

export function encode(pipeline, { format, quality }) {
  return pipeline.toFormat(format, format === 'png' ? {} : { quality }).toBuffer();
}
