import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { LIMIT, REFUSED, meter } from '../tools/meter.mjs';
import { COMPONENT, MODULE, assemble, instructions, sections } from '../tools/wasm.mjs';

const module = new Uint8Array(gunzipSync(readFileSync(new URL('../dist/engine.core.wasm.gz', import.meta.url))));
const component = (...modules) => assemble(COMPONENT, modules.map((bytes) => ({ id: 1, bytes })));

test('the engine of the package tells why it was refused memory', async () => {
  const names = WebAssembly.Module.exports(await WebAssembly.compile(module)).map(({ name }) => name);
  assert.ok(names.includes(LIMIT) && names.includes(REFUSED));
});

test('sections are written as they were read', () => {
  assert.deepEqual(assemble(MODULE, sections(module, MODULE)), module);
});

test('an engine has one meter', async () => {
  // The names of its variables are taken.
  await assert.rejects(WebAssembly.compile(meter(component(module)).module), WebAssembly.CompileError);
});

test('what cannot be metered ends the build', () => {
  assert.throws(() => meter(new Uint8Array(8)), /not what was expected/);
  assert.throws(() => meter(component()), /no module/);
  assert.throws(() => meter(component(module, module)), /several modules/);
  assert.throws(() => [...instructions(new Uint8Array([0, 0xff]))], /does not know: ff/);
  assert.throws(() => [...instructions(new Uint8Array([0, 0x44, 1]))], /ends too early/);
});
