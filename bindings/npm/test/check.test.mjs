// Answers of an engine that lies: none of them gets through.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { defaults, parsePreset } from '@thimble/engine';

import { check } from '../src/check.js';

const INFO = { encodes: ['image/png', 'image/webp'] };
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d]);

function answer(change) {
  const output = {
    source: { mediaType: 'image/png', dimensions: { width: 20, height: 10 }, frames: 1 },
    thumbnails: [{ data: PNG, mediaType: 'image/png', dimensions: { width: 10, height: 5 } }],
    warnings: [],
  };
  change(output, output.thumbnails[0]);
  return output;
}

const verdict = (line, change) => check(answer(change), [parsePreset(line).spec], defaults.limits, INFO);

test('a true answer passes, and its warnings are cut short', () => {
  verdict('a=10x10', () => {});
  const output = answer((made) => {
    made.warnings = Array(50).fill('\u001b[2J\n' + 'x'.repeat(1000));
  });
  check(output, [parsePreset('a=10x10').spec], defaults.limits, INFO);
  assert.equal(output.warnings.length, 20);
  assert.match(output.warnings[0], /^\\u\{1b\}\[2J x{290,}…$/);
});

const LIES = [
  ['no thumbnail', 'a=10x10', (output) => output.thumbnails.pop()],
  ['a source without a size', 'a=10x10', (output) => (output.source.dimensions.width = 0)],
  ['a source over the limits', 'a=10x10', (output) => (output.source.dimensions.width = 1e6)],
  ['a source that is no image', 'a=10x10', (output) => (output.source.mediaType = 'text/html')],
  ['outside of the bounds', 'a=9x9', () => {}],
  ['not padded', 'a=10x10,contain', () => {}],
  ['not stretched', 'a=10x10,fill,enlarge', () => {}],
  ['enlarged', 'a=30x30,outside', (_, made) => (made.dimensions.width = 30)],
  ['of no size', 'a=10x10', (_, made) => (made.dimensions.height = 0)],
  ['of another type than asked for', 'a=10x10,webp', () => {}],
  ['of a type that nobody writes', 'a=10x10', (_, made) => (made.mediaType = 'text/html')],
  ['of other bytes', 'a=10x10', (_, made) => (made.data = new Uint8Array([60, 104]))],
  ['of no bytes', 'a=10x10', (_, made) => (made.data = new Uint8Array())],
];

for (const [what, line, change] of LIES) {
  test(`a lie: ${what}`, () => assert.throws(() => verdict(line, change), { kind: 'engine-output' }));
}
