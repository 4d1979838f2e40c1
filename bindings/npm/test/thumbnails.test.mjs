import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';

import { Engine, ThimbleError, describe, inspect, thumbnails } from '@thimble/engine';

import { png } from './images.mjs';

const MIB = 2 ** 20;
const engine = new Engine({ workers: 2 });
after(() => engine.close());

test('thumbnails come in the order of their presets, with their names', async () => {
  const image = png(300, 200);
  const { source, thumbnails, warnings } = await engine.thumbnails(image, ['small=100x100', 'icon=16x16,cover,webp']);
  assert.deepEqual(source, { mediaType: 'image/png', width: 300, height: 200, frames: 1 });
  const told = thumbnails.map(({ name, mediaType, width, height }) => [name, mediaType, width, height]);
  assert.deepEqual(told, [['small', 'image/png', 100, 67], ['icon', 'image/webp', 16, 16]]);
  assert.deepEqual(warnings, []);
  assert.ok(thumbnails.every(({ data }) => data instanceof Uint8Array && data.length > 10));
  assert.equal(image.length, png(300, 200).length, 'the bytes are still the caller\'s');
});

test('those who choose nothing get the defaults', async () => {
  const made = await thumbnails(png(300, 200).buffer);
  assert.deepEqual(made.thumbnails.map(({ name }) => name), ['75x75', '125x125', '1280x720']);
});

test('an engine and an image describe themselves', async () => {
  const { name, version, decodes } = await describe();
  assert.equal(name, 'thimble-engine');
  assert.equal(version, createRequire(import.meta.url)('../package.json').version, 'the package has the version of its engine');
  assert.ok(decodes.includes('image/jpeg'));
  assert.deepEqual(await inspect(png(3, 2)), { mediaType: 'image/png', width: 3, height: 2, frames: 1, warnings: [] });
});

const MISTAKES = [
  ['an unknown word of a preset', png(8, 8), ['a=1x1,cvoer'], {}, 'invalid-preset'],
  ['a setting that the engine has not', png(8, 8), ['a=1x1,cvoer=1'], {}, 'invalid-spec'],
  ['a thumbnail that is too large', png(8, 8), ['a=5000x'], {}, 'invalid-spec'],
  ['bytes that are no image', new TextEncoder().encode('<svg></svg>'), ['a=1x1'], {}, 'unsupported-format'],
  ['no bytes at all', new Uint8Array(), ['a=1x1'], {}, 'unsupported-format'],
  ['a truncated image', png(300, 200).subarray(0, 40), ['a=1x1'], {}, 'malformed-source'],
  ['a bomb', png(8, 8, { claims: [60000, 60000] }), ['a=1x1'], {}, 'limit-exceeded'],
  ['an image over a limit', png(8, 8), ['a=1x1'], { limits: { maxPixels: 63 } }, 'limit-exceeded'],
  ['a file that is too large', png(8, 8), ['a=1x1'], { maxSource: 10 }, 'source-too-large'],
  ['too little memory', png(3000, 3000, { isInterlaced: true }), ['a=1x1'], { memory: 16 * MIB }, 'engine-memory'],
  ['hardly any memory', png(8, 8), ['a=1x1'], { memory: 65536 }, 'engine-memory'],
  ['too little time', png(12000, 12000), ['a=1000x1000'], { seconds: 0.01 }, 'engine-time'],
];

for (const [what, image, presets, options, kind] of MISTAKES) {
  test(`${what} is an error of its kind: ${kind}`, async () => {
    await assert.rejects(thumbnails(image, presets, options), (error) => {
      assert.ok(error instanceof ThimbleError);
      assert.equal(error.kind, kind, error.message);
      return true;
    });
  });
}

test('a caller with all the time there is gets thumbnails', async () => {
  const made = await thumbnails(png(8, 8), ['a=1x1'], { seconds: Infinity, memory: 2 ** 40 });
  assert.equal(made.thumbnails.length, 1);
});

test('mistakes of a program are errors of the language', async () => {
  await assert.rejects(thumbnails('photo.jpg', ['a=1x1']), TypeError);
  await assert.rejects(thumbnails(png(8, 8), ['a=1x1'], { seconds: -1 }), RangeError);
});

const UNKNOWN = [
  ['an option with a slip', { second: 5 }, 'no option is called second; did you mean seconds?'],
  ['an option that nobody has', { timeout: 5 }, 'no option is called timeout; there are memory, seconds, limits, maxSource, workers, signal'],
  ['a limit outside of the limits', { maxPixels: 5 }, 'no option is called maxPixels; it is one of the limits: { limits: { maxPixels } }'],
  ['a limit with a slip', { limits: { maxPixel: 1 } }, 'no limit is called maxPixel; did you mean maxPixels?'],
];

for (const [what, options, message] of UNKNOWN) {
  test(`${what} is refused by all that take options`, async () => {
    const refusal = { name: 'TypeError', message };
    await assert.rejects(thumbnails(png(8, 8), ['a=1x1'], options), refusal);
    await assert.rejects(inspect(png(8, 8), options), refusal);
    assert.throws(() => new Engine(options), { name: 'TypeError', message: message.replace(', signal', '') });
  });
}

test('an option of the engine is refused by a call of it', async () => {
  const refusal = { name: 'TypeError', message: 'no option is called seconds; it is one of new Engine({ seconds })' };
  await assert.rejects(engine.thumbnails(png(8, 8), ['a=1x1'], { seconds: 5 }), refusal);
  await assert.rejects(engine.inspect(png(8, 8), { seconds: 5 }), refusal);
});

test('an engine goes on after a deadline, and serves all who wait', async () => {
  const hasty = new Engine({ seconds: 0.01 });
  const slow = png(12000, 12000);
  const asked = [slow, slow, slow].map((image) => hasty.thumbnails(image, ['a=1000x1000']));
  const ends = await Promise.allSettled(asked);
  assert.deepEqual(ends.map(({ reason }) => reason?.kind), ['engine-time', 'engine-time', 'engine-time']);
  hasty.seconds = 30;
  assert.equal((await hasty.thumbnails(png(8, 8), ['a=1x1'])).thumbnails.length, 1);
  hasty.close();
});

test('a call is given up when its caller says so', async () => {
  const controller = new AbortController();
  const work = engine.thumbnails(png(12000, 12000), ['a=1000x1000'], { signal: controller.signal });
  controller.abort(new Error('enough'));
  await assert.rejects(work, { message: 'enough' });
  assert.equal((await engine.thumbnails(png(8, 8), ['a=1x1'])).thumbnails.length, 1);
});

test('a closed engine takes and leaves no one waiting', async () => {
  const closing = new Engine();
  const asked = [1, 2].map(() => closing.thumbnails(png(8, 8), ['a=1x1']));
  closing.close();
  for (const work of [...asked, closing.thumbnails(png(8, 8))]) {
    await assert.rejects(work, { kind: 'engine-unavailable' });
  }
});

test('no image meets what another left behind', async () => {
  const [first, , again] = await Promise.all([png(64, 64), png(640, 480), png(64, 64)].map((image) => engine.thumbnails(image, ['a=9x9'])));
  assert.deepEqual(first, again);
});
