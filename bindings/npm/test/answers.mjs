// Answers of this package to a list of files, a line of JSON for each, as `compare.py` asks for them.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import { Engine, ThimbleError } from '@thimble/engine';

const { presets, files } = JSON.parse(await text(process.stdin));
const engine = new Engine();
for (const file of files) {
  console.log(JSON.stringify({ file, ...(await answer(await readFile(file))) }));
}
engine.close();

async function answer(image) {
  try {
    const { source, thumbnails, warnings } = await engine.thumbnails(image, presets);
    return { source, thumbnails: thumbnails.map(told), warnings };
  } catch (error) {
    if (!(error instanceof ThimbleError)) throw error;
    return { error: { kind: error.kind, message: error.message } };
  }
}

function told({ name, data, mediaType, width, height }) {
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { preset: name, mediaType, width, height, bytes: data.length, sha256 };
}
