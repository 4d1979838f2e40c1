import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { PresetError, defaults, parsePreset, parsePresets } from '@thimble/engine';

const table = JSON.parse(readFileSync(new URL('../../presets.json', import.meta.url)));

test('presets mean what they mean in the native host', () => {
  assert.ok(table.cases.length > 100);
  for (const { line, name, spec, written: _, ...mistake } of table.cases) {
    if (spec) assert.deepEqual(told(parsePreset(line)), { name, spec }, line);
    else assert.deepEqual(refused(line), mistake, line);
  }
});

function told({ name, spec }) {
  const { bounds, focus, background, encoding, settings, ...rest } = spec;
  const { red, green, blue, alpha } = background;
  return {
    name,
    spec: {
      ...rest,
      bounds: [bounds.width ?? null, bounds.height ?? null],
      focus: focus.tag === 'at' ? [focus.val.x, focus.val.y] : focus.tag,
      background: [red, green, blue, alpha],
      format: encoding.mediaType ?? null,
      quality: encoding.quality ?? null,
      settings: settings.map((setting) => [setting.name, setting.value]),
    },
  };
}

function refused(line) {
  try {
    parsePreset(line);
  } catch (error) {
    assert.ok(error instanceof PresetError && error.kind === 'invalid-preset');
    const { problem, column, length, message } = error;
    return { problem, column, length, message };
  }
  assert.fail(`it is a preset: ${line}`);
}

test('a mistake is pointed at', () => {
  assert.throws(() => parsePreset('a=1x1,cvoer'), { pointer: 'a=1x1,cvoer\n      ^^^^^' });
});

test('the line of a configuration is read, and no name twice', () => {
  assert.deepEqual(parsePresets(' a=1x1;  b=2x2 ').map(({ name }) => name), ['a', 'b']);
  assert.throws(() => parsePresets(['a=1x1', 'a=2x2']), { kind: 'invalid-preset', message: 'two presets have one name: a' });
});

test('defaults are those of the native host', () => {
  assert.deepEqual(defaults, table.defaults);
  assert.deepEqual(parsePresets().map(({ name }) => name), ['75x75', '125x125', '1280x720']);
});
