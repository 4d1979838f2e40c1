// The status page in Chromium, as somebody at a desk meets it. `scripts/page-test.sh` runs
// it. `CHROMIUM` names another browser, `SCREENSHOTS` a folder for pictures to look at.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, test } from 'node:test';

const require = createRequire(new URL('../../../bindings/npm/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const { THIMBLE, ENGINE, SAMPLES, SCREENSHOTS } = process.env;
const TOKEN = 'a word that nobody guesses';
const HOSTILE = ['<img src=x onerror=alert(1)>.png', `"><script>alert(1)</script>'.png`, 'a\u202egnp.jpg'];
const LETTERS = 10_000;
const LONG = `${'folder with a long name/'.repeat(12)}and a name that goes on and on and on and on.jpg`;

let browser, page, context, folders, complaints;

/** A desk with the images of `fill`, and `thimble local` at it. */
const desk = async (fill, ...options) => {
  const folder = await mkdtemp(join(tmpdir(), 'thimble-page-'));
  await mkdir(join(folder, 'images'));
  await fill(join(folder, 'images'), folder);
  const token = join(folder, 'token');
  await writeFile(token, TOKEN);
  const given = ['local', folder, '--serve=127.0.0.1:0', `--engine=${ENGINE}`, ...options];
  const child = spawn(THIMBLE, given.map((option) => (option === 'TOKEN' ? `--page-token-file=${token}` : option)), { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  let ended;
  const end = new Promise((resolve) => child.on('exit', (code) => resolve((ended = code))));
  const address = await new Promise((resolve, reject) => {
    lines.on('line', (line) => line.startsWith('status page: ') && resolve(line.slice('status page: '.length)));
    end.then((code) => reject(new Error(`thimble ended with ${code}`)));
  });
  const close = async () => {
    if (ended === undefined) child.kill('SIGTERM');
    return end;
  };
  folders.push(async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, address, close };
};

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell', args: ['--no-sandbox'] });
  folders = [];
});

after(() => browser?.close());

afterEach(async () => {
  await context?.close();
  for (const close of folders.splice(0)) await close();
  assert.deepEqual(complaints, [], 'the console is quiet');
});

const open = async (address, options = {}) => {
  await context?.close();
  context = await browser.newContext(options);
  page = await context.newPage();
  complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => complaints.push(dialog.message()) && dialog.dismiss());
  page.on('request', (request) => request.url().startsWith(`${new URL(address).origin}/`) || complaints.push(`elsewhere: ${request.url()}`));
  await page.goto(address);
};

const picture = async (name) => {
  if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true, clip: { x: 0, y: 0, width: page.viewportSize().width, height: 2_000 } });
};

const number = (name) => page.locator('dl div', { hasText: name }).locator('b');
const shows = (locator, text) => locator.filter({ hasText: text }).first().waitFor();

/** Mistakes that a reader of the screen or a keyboard would meet. */
const isInOrder = async () => {
  const wrong = await page.evaluate(() => {
    const name = (node) => (node.getAttribute('aria-label') ?? node.textContent ?? '').trim();
    const wrong = [];
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    if (new Set(ids).size !== ids.length) wrong.push('an id twice');
    if (!document.documentElement.lang || !document.title) wrong.push('no language or title');
    if (document.querySelectorAll('h1').length !== 1 || document.querySelectorAll('main').length !== 1) wrong.push('not one h1 and one main');
    let level = 0;
    for (const heading of document.querySelectorAll('h1, h2, h3')) {
      if (Number(heading.tagName[1]) > level + 1) wrong.push(`a level is left out before ${heading.textContent}`);
      level = Number(heading.tagName[1]);
    }
    for (const image of document.images) if (!image.alt) wrong.push(`no text for ${image.src}`);
    for (const control of document.querySelectorAll('a, button, summary')) if (!name(control)) wrong.push(`no name: ${control.outerHTML}`);
    for (const field of document.querySelectorAll('select, input:not([type=hidden])')) if (!field.labels.length) wrong.push(`no label: ${field.outerHTML}`);
    for (const node of document.querySelectorAll('[aria-labelledby], [aria-describedby]')) {
      for (const id of [node.getAttribute('aria-labelledby'), node.getAttribute('aria-describedby')]) if (id && !document.getElementById(id)) wrong.push(`nothing is called ${id}`);
    }
    return wrong;
  });
  assert.deepEqual(wrong, []);
  assert.deepEqual(await faint(), []);
};

/** Texts and edges of controls that stand out too little from their ground, as WCAG counts it. */
const faint = () =>
  page.evaluate(() => {
    const light = ([red, green, blue]) => {
      const [r, g, b] = [red, green, blue].map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const numbers = (color) => color.match(/[\d.]+/g).map(Number);
    const ground = (node) => {
      for (let at = node; at; at = at.parentElement) {
        const color = numbers(getComputedStyle(at).backgroundColor);
        if (color.length < 4 || color[3] > 0) return color;
      }
      return [255, 255, 255];
    };
    const contrast = (color, node) => {
      const [one, other] = [light(numbers(color)), light(ground(node))];
      return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    };
    const faint = [];
    for (const node of document.querySelectorAll('body *')) {
      const hasText = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
      if (!hasText || node.closest('svg')) continue;
      const least = contrast(getComputedStyle(node).color, node);
      if (least < 4.5) faint.push(`${least.toFixed(2)}: ${node.textContent.slice(0, 40)}`);
    }
    for (const control of document.querySelectorAll('button, select, input:not([type=hidden])')) {
      const least = contrast(getComputedStyle(control).borderTopColor, control.parentElement);
      if (least < 3) faint.push(`edge ${least.toFixed(2)}: ${control.outerHTML.slice(0, 60)}`);
    }
    return faint;
  });

const samples = async (images) => {
  await cp(SAMPLES, images, { recursive: true, filter: (path) => !/\.(txt|md)$/.test(path) });
  const png = await readFile(join(SAMPLES, 'logo.png'));
  for (const name of HOSTILE) if (!name.includes('/')) await writeFile(join(images, name), png);
  await writeFile(join(images, 'cut-off <b>.png'), png.subarray(0, png.length >> 1));
  await writeFile(join(images, 'words.jpg'), 'these are words');
  await mkdir(join(images, LONG, '..'), { recursive: true });
  await writeFile(join(images, LONG), 'these are words');
  await writeFile(join(images, 'שלום <b>עולם.jpg'), png);
};

test('an empty folder has an empty page, and what comes is shown without a reload', async () => {
  const { address, folder, close } = await desk(async () => {});
  await open(address);
  await shows(page.locator('#live'), 'Up to date');
  await shows(page.locator('#images-note'), 'No image was worked on');
  await isInOrder();
  await picture('empty');
  await page.evaluate(() => (window.isTheSame = true));
  await cp(join(SAMPLES, 'logo.png'), join(folder, 'images', 'logo.png'));
  await shows(page.locator('#images h3'), 'images/logo.png');
  await shows(number('Done'), '1');
  assert.equal(await page.evaluate(() => window.isTheSame), true);
  assert.equal(await close(), 0, 'an open page keeps nobody from stopping');
  await shows(page.locator('#live'), 'No answer; trying again');
  complaints = complaints.filter((words) => !words.includes('ERR_'));
});

test('the page is full of pictures, in the light and in the dark', async () => {
  const { address } = await desk(samples, '--preset=icon=96x96,cover', '--preset=card=400x300', '--max-bytes=300kB', 'TOKEN');
  for (const colorScheme of ['light', 'dark']) {
    await open(address, { colorScheme, viewport: { width: 1200, height: 900 } });
    await shows(number('Waiting'), /^0$/);
    await shows(number('In hand'), /^0$/);
    for (const image of await page.locator('#images img').all()) {
      await image.scrollIntoViewIfNeeded();
      assert.ok(await image.evaluate((node) => node.decode().then(() => node.naturalWidth > 0)));
    }
    assert.ok((await page.locator('#images img').count()) > 10);
    await isInOrder();
    await page.evaluate(() => scrollTo(0, 0));
    await picture(`full-${colorScheme}`);
    await page.getByRole('link', { name: 'Dead letters' }).click();
    await shows(page.locator('#letters h3'), 'images/words.jpg');
    const drawn = page.locator('#letters li', { hasText: 'source-too-large' }).first().getByRole('img');
    await drawn.scrollIntoViewIfNeeded();
    assert.ok(await drawn.evaluate((node) => node.decode().then(() => node.naturalWidth > 0)));
    await isInOrder();
    await picture(`letters-${colorScheme}`);
    const words = complaints.filter((words) => words.includes('415'));
    assert.ok(words.length > 0, 'words are no picture');
    complaints = complaints.filter((words) => !words.includes('415'));
  }
});

test('with the keyboard alone the token is shown and a letter goes back', async () => {
  const { address } = await desk(samples, 'TOKEN');
  await open(`${address}letters`);
  await shows(page.locator('#letters h3'), 'words.jpg');
  assert.equal(await page.locator('#letters button').count(), 0);
  const count = await page.locator('#letters > li').count();
  const tabTo = async (name) => {
    for (let steps = 0; steps < 100; steps += 1) {
      await page.keyboard.press('Tab');
      const found = await page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent);
      if (found.startsWith(name)) return;
    }
    assert.fail(`no ${name} by the tabulator`);
  };
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await tabTo('Show the token');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/enter');
  await isInOrder();
  await page.getByLabel('Token').focus();
  await page.keyboard.type('a wrong word');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'This is not the token' }).waitFor();
  await picture('enter');
  complaints = complaints.filter((words) => !words.includes('401'));
  await page.getByLabel('Token').focus();
  await page.keyboard.type(TOKEN);
  await page.keyboard.press('Enter');
  await page.waitForURL(address);
  await page.goto(`${address}letters`);
  await isInOrder();
  await picture('letters-token');
  await tabTo('Redrive this: images/words.jpg');
  await page.keyboard.press('Enter');
  await shows(page.locator('#redriving'), '1 sent back');
  // It fails again, and comes back by itself.
  await page.waitForFunction((count) => document.querySelectorAll('#letters > li').length === count, count);
  complaints = complaints.filter((words) => !words.includes('415'));
});

test('without a script all is there but what comes later', async () => {
  const { address } = await desk(samples, 'TOKEN');
  await open(address, { javaScriptEnabled: false });
  do await page.reload();
  while ((await page.locator('#images > li').count()) < 20 || (await number('Dead letters').textContent()) === '0');
  assert.equal(await page.locator('#pause').isVisible(), false);
  await page.getByRole('link', { name: 'Show the token to redrive' }).click();
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Show the token' }).click();
  await page.getByRole('link', { name: 'Dead letters' }).click();
  await page.getByLabel('Send back').selectOption('unsupported-format');
  await page.getByRole('button', { name: 'Redrive', exact: true }).click();
  await page.waitForURL('**/letters');
  await page.getByRole('button', { name: 'Forget the token' }).click();
  await page.getByRole('link', { name: 'Show the token to redrive' }).waitFor();
  complaints = complaints.filter((words) => !words.includes('415'));
});

test('updates can be paused, and leave alone what has the focus', async () => {
  const { address, folder } = await desk(samples, 'TOKEN');
  await open(address);
  await shows(page.locator('#live'), 'Up to date');
  const pause = page.getByRole('button', { name: 'Pause updates' });
  await pause.click();
  await shows(page.locator('#live'), 'Paused');
  await cp(join(SAMPLES, 'logo.png'), join(folder, 'images', 'late.png'));
  await page.waitForTimeout(2_000);
  assert.equal(await page.locator('#images h3', { hasText: 'late.png' }).count(), 0);
  await page.getByRole('button', { name: 'Go on with updates' }).click();
  await shows(page.locator('#images h3'), 'images/late.png');
  await page.getByRole('link', { name: 'Dead letters' }).focus();
  await cp(join(SAMPLES, 'logo.png'), join(folder, 'images', 'later.png'));
  await shows(page.locator('#images h3'), 'images/later.png');
  assert.equal(await page.evaluate(() => document.activeElement.textContent.startsWith('Dead letters')), true);
});

test('ten thousand letters are pages of a few, on a phone too', async () => {
  const first = await desk(samples);
  await open(first.address);
  await shows(number('Waiting'), /^0$/);
  await shows(number('Dead letters'), /[1-9]/);
  await shows(number('In hand'), /^0$/);
  await first.close();
  const queue = join(first.folder, '.thimble/dead-letters');
  const [one] = await readdir(join(queue, 'messages'));
  const letter = JSON.parse(await readFile(join(queue, 'messages', one), 'utf8'));
  const key = /"key":"([^"]*)"/.exec(letter.body)[1];
  const { address } = await desk(async (images, folder) => {
    await mkdir(join(folder, '.thimble/dead-letters/messages'), { recursive: true });
    await cp(join(queue, 'format'), join(folder, '.thimble/dead-letters/format'));
    await cp(join(SAMPLES, 'logo.png'), join(images, 'logo.png'));
    for (let index = 0; index < LETTERS; index += 1) {
      const name = index % 3 ? `holiday/2026/${index}.jpg` : 'logo.png';
      const body = letter.body.replaceAll(key, name);
      const id = `${(0x19000000000 + index).toString(16).padStart(12, '0')}-00000001-${index.toString(16).padStart(8, '0')}`;
      await writeFile(join(folder, '.thimble/dead-letters/messages', one.replace(/^[^.]*\.[^.]*/, `${id}.${index.toString(16).padStart(16, '0')}`)), JSON.stringify({ ...letter, body }));
    }
  }, 'TOKEN');
  await open(`${address}letters`, { viewport: { width: 1200, height: 900 } });
  await shows(page.locator('#summary'), '10,000 in the folder');
  assert.equal(await page.locator('#letters > li').count(), 25);
  const begun = performance.now();
  await page.getByRole('link', { name: 'Last' }).click();
  await shows(page.locator('#summary'), 'page 400 of 400');
  console.log(`the last page of ${LETTERS} letters took ${Math.round(performance.now() - begun)} ms`);
  await picture('ten-thousand');
  await page.goto(`${address}enter`);
  await page.getByLabel('Token').fill(TOKEN);
  await page.keyboard.press('Enter');
  await page.waitForURL(address);
  const { cookies } = await context.storageState();
  for (const [colorScheme, path] of [['light', 'letters?page=200'], ['dark', 'letters'], ['light', '']]) {
    await open(address, { viewport: { width: 360, height: 740 }, colorScheme, deviceScaleFactor: 2, storageState: { cookies, origins: [] } });
    await page.goto(`${address}${path}`);
    const [needed, given] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(needed <= given, `${path}: ${needed} pixels of ${given}`);
    await isInOrder();
    if (path) await picture(`phone-${colorScheme}`);
    else await picture('phone-status');
  }
});
