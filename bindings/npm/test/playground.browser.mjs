// The playground of target/site in Chromium, as a visitor meets it. `CHROMIUM` names
// another browser, `SCREENSHOTS` a folder for pictures to look at, and
// `THIMBLE_CORPUS` a folder of which every file is compared with Node.js as well.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { Engine, ThimbleError } from '@thimble/engine';
import { chromium } from 'playwright-core';

import { png } from './images.mjs';

const root = fileURLToPath(new URL('../../../target/', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.gz': 'application/gzip' };
const PRESETS = ['small=200x200,cover,webp', 'wide=320x', 'card=120x90,contain,jpeg,q70,bg=#102030', 'face=64x64,cover,salient,png'];
const HOSTILE_NAME = '<img src=x onerror=alert(1)>.png';
const AVIF_IN_NAME = Buffer.from('\0\0\0\x18ftypavif\0\0\0\0avifmif1', 'latin1');

let server, origin, browser, context, page, requests, complaints, served;

before(async () => {
  server = createServer(async ({ url }, response) => {
    const path = decodeURIComponent(url.split('?')[0]);
    const file = path.startsWith('/of-a-test/') ? path.slice('/of-a-test'.length) : join(root, 'site', path);
    try {
      const bytes = await readFile(file);
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      // Whoever serves a site packs its texts.
      const isText = type.startsWith('text/');
      const sent = isText ? gzipSync(bytes) : bytes;
      if (path.startsWith('/playground/')) served.set(path, sent.length);
      response.writeHead(200, { 'content-type': type, ...(isText && { 'content-encoding': 'gzip' }) }).end(sent);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell', args: ['--no-sandbox'] });
});

after(async () => {
  await browser?.close();
  server.close();
});

const open = async (options = {}) => {
  context = await browser.newContext(options);
  page = await context.newPage();
  requests = [];
  complaints = [];
  served = new Map();
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => complaints.push(dialog.message()) && dialog.dismiss());
  await page.goto(`${origin}/playground/index.html`);
  await page.getByText('The engine is ready.').waitFor();
};

beforeEach(() => open());

afterEach(async () => {
  const elsewhere = requests.filter((url) => !url.startsWith(`${origin}/playground/`) && !url.startsWith('blob:') && !url.startsWith('data:') && !url.includes('/of-a-test/'));
  await context.close();
  assert.deepEqual(complaints, [], 'the console is quiet');
  assert.deepEqual(elsewhere, [], 'nothing leaves the page');
});

const give = (...images) => page.locator('#files').setInputFiles(images.map(([name, buffer]) => ({ name, mimeType: '', buffer: Buffer.from(buffer) })));
const done = (text) => page.locator('#status').getByText(text).waitFor();
const picture = async (name) => {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
};

test('a photo becomes thumbnails, with sizes and a line to copy', async () => {
  await give(['mountains.jpg', await readFile(join(root, 'samples/mountains.jpg'))]);
  await done('1 image, 0 failed.');
  const captions = await page.locator('figcaption').allTextContents();
  assert.match(captions[0], /^small 200x200, image\/webp, \d+ (bytes|kB)$/);
  assert.match(captions[1], /^wide 640x480, image\/jpeg, \d+ kB$/);
  assert.match(await page.locator('article p').first().textContent(), /^image\/jpeg, 1600x1200, .*; \d+ ms$/);
  assert.equal(await page.locator('#line').textContent(), "PRESETS='small=200x200,cover,webp wide=640x'");
  const widths = await page.locator('figure img').evaluateAll((images) => images.map((image) => image.naturalWidth));
  assert.deepEqual(widths, [200, 640]);
  assert.match(await page.locator('#engine').textContent(), /^thimble-engine [0-9.]+: sha256:[0-9a-f]{64} for most .* sha256:[0-9a-f]{64}, as .* It reads image\/jpeg, /);
  await picture('light');
});

test('presets are written, added and refused where they are wrong', async () => {
  await give(['a.png', png(300, 200)]);
  await done('1 image, 0 failed.');
  await page.locator('#presets').fill('a=10x10,cvoer');
  await page.locator('#mistake').getByText('did you mean `cover`?').waitFor();
  assert.match(await page.locator('#mistake').textContent(), /\na=10x10,cvoer\n {8}\^{5}$/);
  await picture('mistake');
  await page.locator('#presets').fill('a=10x10');
  await page.locator('#mistake').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: '+ face=' }).click();
  await page.locator('figcaption', { hasText: 'face 96x96' }).waitFor();
  assert.equal(await page.locator('figure').count(), 2);
});

test('it is used with the keyboard alone', async () => {
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'files');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'sample');
  await page.keyboard.press('Enter');
  await done('1 image, 0 failed.');
  assert.equal(await page.locator('h3').textContent(), 'drawn.jpg');
});

test('hostile images end in an error of their kind, and the next one is made', async () => {
  await page.locator('#seconds').fill('0.5');
  await give(
    ['slow.png', png(14000, 14000)],
    ['bomb.png', png(8, 8, { claims: [60000, 60000] })],
    ['cut-off.png', png(300, 200).subarray(0, 40)],
    ['page.jpg', Buffer.from('<html><script>alert(1)</script>')],
    ['empty.gif', Buffer.alloc(0)],
    [HOSTILE_NAME, png(30, 20)],
  );
  await done('6 images, 5 failed.');
  const kinds = (await page.locator('p.wrong').allTextContents()).map((text) => text.split(':')[0]);
  assert.deepEqual(kinds, ['engine-time', 'limit-exceeded', 'malformed-source', 'unsupported-format', 'unsupported-format']);
  assert.equal(await page.locator('h3').last().textContent(), HOSTILE_NAME, 'a name is only text');
  assert.equal(await page.locator('figure').count(), 2);
  assert.equal(page.workers().length, 2, 'the worker of the slow image is gone, and each engine has one');
  await picture('hostile');
});

test('a warning is shown', async () => {
  await give(['half.jpg', await readFile(join(root, 'samples/uploads/half.jpg'))]);
  await done('1 image, 0 failed.');
  assert.match(await page.locator('article').textContent(), /Warning: .*missing or corrupt/);
});

test('it fits a phone, in the dark', async () => {
  await context.close();
  await open({ viewport: { width: 375, height: 700 }, colorScheme: 'dark', deviceScaleFactor: 2 });
  await give(['a very-long-name-'.repeat(12) + '.png', await readFile(join(root, 'samples/logo.png'))]);
  await done('1 image, 0 failed.');
  await page.getByRole('button', { name: '+ card=' }).click();
  await page.locator('figcaption', { hasText: 'card 300x200' }).waitFor();
  const [needed, given] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(needed <= given, `${needed} pixels of ${given}`);
  await picture('phone-dark');
});

test('the page is small until an image needs more', async () => {
  const total = () => [...served.values()].reduce((sum, size) => sum + size, 0);
  await give(['mountains.jpg', await readFile(join(root, 'samples/mountains.jpg'))]);
  await done('1 image, 0 failed.');
  console.log(`${total()} bytes until the thumbnails of a photo are there`);
  assert.ok(total() < 900_000, `${total()} bytes: ${[...served.keys()]}`);
  assert.equal(await page.locator('h3').count(), 1);
  // An AVIF in name only is no image to either engine, and the whole one says so.
  await give(['odd.avif', AVIF_IN_NAME]);
  await done('1 image, 1 failed.');
  assert.match(await page.locator('p.wrong').textContent(), /image\/avif/);
  assert.ok(served.has('/playground/engine/dist/engine.core.wasm.gz'), 'the whole engine was fetched');
});

test('an engine that cannot be fetched is a reason to reload the page', async () => {
  await page.route('**/engine/src/browser.js', (route) => route.abort());
  await give(['odd.avif', AVIF_IN_NAME]);
  await done('1 image, 1 failed.');
  assert.match(await page.locator('p.wrong').textContent(), /^not read: .* reload the page$/);
  // The browser says so too.
  assert.equal(complaints.splice(0).length, 1);
});

test('the formats that come later are those that only the whole engine reads', async () => {
  const found = await page.evaluate(async () => {
    const [{ Engine }, small, { LATER }] = await Promise.all(['./engine/src/browser.js', './common/src/browser.js', './engines.js'].map((path) => import(path)));
    const [all, some] = await Promise.all([new Engine(), new small.Engine()].map((engine) => engine.describe()));
    return { missing: all.decodes.filter((format) => !some.decodes.includes(format)), LATER };
  });
  assert.deepEqual(found.missing, found.LATER);
});

test('thumbnails are those of Node.js, to the byte', async () => {
  const folders = [join(root, 'samples'), ...(process.env.THIMBLE_CORPUS ? ['valid', 'disputed', 'malformed'].map((name) => join(process.env.THIMBLE_CORPUS, name)) : [])];
  const entries = (await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })))).flat();
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, path, name }) => join(parentPath ?? path, name)).sort();
  const engine = new Engine();
  const expected = [];
  for (const file of files) expected.push(await answer(engine, await readFile(file)));
  engine.close();
  const found = await page.evaluate(inTheBrowser, { urls: files.map((file) => `/of-a-test${encodeURI(file).replaceAll('#', '%23').replaceAll('?', '%3F')}`), presets: PRESETS });
  assert.deepEqual(found, expected);
  console.log(`${files.length} files are the same`);
});

async function answer(engine, image) {
  try {
    const { thumbnails } = await engine.thumbnails(image, PRESETS);
    return thumbnails.map(({ data }) => createHash('sha256').update(data).digest('hex'));
  } catch (error) {
    if (!(error instanceof ThimbleError)) throw error;
    return error.message;
  }
}

async function inTheBrowser({ urls, presets }) {
  const { thumbnails } = await import('./engines.js');
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const answers = [];
  for (const url of urls) {
    const image = await (await fetch(url)).arrayBuffer();
    const made = thumbnails(image, presets);
    const digests = made.then((answer) => Promise.all(answer.thumbnails.map(async ({ data }) => hex(await crypto.subtle.digest('SHA-256', data)))));
    answers.push(await digests.catch((error) => error.message));
  }
  return answers;
}
