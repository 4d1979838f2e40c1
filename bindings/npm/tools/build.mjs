// Builds dist/ of the npm package, and the module that the Python package carries:
// `build.mjs ENGINE.wasm`. With a folder behind it, such a dist/ of another engine, and
// nothing else. The same engine gives the same files.

import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

import { transpileBytes } from '@bytecodealliance/jco-transpile';

import { LIMIT, REFUSED, meter } from './meter.mjs';

const [path, folder] = process.argv.slice(2);
const dist = folder ? pathToFileURL(`${folder}/`) : new URL('../dist/', import.meta.url);
const python = new URL('../../python/src/thimble_engine/', import.meta.url);
const table = new URL('../../presets.json', import.meta.url);

if (!path) throw new Error('name the engine: build.mjs target/engine.wasm');
const engine = await readFile(path).catch(() => {
  throw new Error(`cannot read ${path}; run \`make engine\``);
});
const { component, module } = meter(engine);
const { files } = await transpileBytes(component, { name: 'engine', instantiation: 'sync', minify: true, tlaCompat: false, nodejsCompat: false });
if (!Buffer.from(files['engine.core.wasm']).equals(Buffer.from(module))) throw new Error('jco changed the module of the engine');

await rm(dist, { recursive: true, force: true });
const names = {};
for (const [name, contents] of Object.entries(files)) {
  if (!name.endsWith('.wasm')) {
    await write(name, contents);
    continue;
  }
  names[name] = `${name}.gz`;
  await write(names[name], gzipSync(contents, { level: 9 }));
}
const entries = Object.entries(names).map(([name, file]) => `  '${name}': new URL('./${file}', import.meta.url),\n`);
await write('modules.js', `export const modules = {\n${entries.join('')}};\n`);

const { defaults } = JSON.parse(await readFile(table, 'utf8'));
const digest = createHash('sha256').update(engine).digest('hex');
const constants = { defaults, DIGEST: `sha256:${digest}`, LIMIT, REFUSED };
const lines = Object.entries(constants).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`);
await write('defaults.js', lines.join(''));

if (!folder) {
  const forPython = { defaults, digest: constants.DIGEST, limit: LIMIT, refused: REFUSED };
  await writeFile(new URL('engine.wasm', python), module);
  await writeFile(new URL('engine.json', python), `${JSON.stringify(forPython)}\n`);
}
console.log(`bindings: engine ${constants.DIGEST}`);

async function write(name, contents) {
  const url = new URL(name, dist);
  await mkdir(dirname(url.pathname), { recursive: true });
  await writeFile(url, contents);
}
