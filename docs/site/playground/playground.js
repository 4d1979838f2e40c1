// The playground. Names of files, messages and warnings come from strangers: they are
// only ever the text of an element.

import { PresetError, describe, parsePresets, smallDigest, thumbnails as made, wholeDigest } from './engines.js';

const FIRST = ['small=200x200,cover,webp', 'wide=640x'];
const SUGGESTED = [
  'face=96x96,cover,salient',
  'card=300x200,contain,bg=#102030,jpeg,q70',
  'icon=48x48,cover,at(0.5;0.3),png',
  'exact=160x90,fill,enlarge,gif',
  'lossless=200x200,webp,webp.lossless=true',
];
/** Images at one time: each is kept while it is on the page. */
const MOST_IMAGES = 20;
/** Delay after a key in which another one may come. */
const PAUSE = 400;

const [files, drop, presets, mistake, seconds, line, status, results] = [
  'files', 'drop', 'presets', 'mistake', 'seconds', 'line', 'status', 'results',
].map((id) => document.getElementById(id));

let images = [];
let running = new AbortController();
let urls = [];

/** An element with text in it, and nothing else. */
function element(name, text = '', className = '') {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;
const size = (bytes) => (bytes < 10_000 ? plural(bytes, 'byte') : `${Math.round(bytes / 1000)} kB`);

/** The lines of presets, or nothing where one of them is none. */
function asked() {
  const lines = presets.value.split('\n').map((text) => text.trim()).filter((text) => text !== '');
  try {
    if (lines.length === 0) throw new PresetError('', 'no-name', 'a preset is a name and a size, for example small=200x200');
    parsePresets(lines);
  } catch (error) {
    mistake.textContent = `${error.message}\n\n${error.pointer}`;
    mistake.hidden = false;
    presets.setAttribute('aria-invalid', 'true');
    return undefined;
  }
  mistake.hidden = true;
  presets.removeAttribute('aria-invalid');
  // A value of a setting may have a quotation mark in it.
  line.textContent = `PRESETS='${lines.join(' ').replaceAll("'", "'\\''")}'`;
  return lines;
}

/** Makes everything anew. What is under way is given up, with its worker. */
async function run() {
  running.abort();
  const { signal } = (running = new AbortController());
  const lines = asked();
  const allowed = Number(seconds.value);
  if (!lines || images.length === 0 || !(allowed > 0)) return;
  results.setAttribute('aria-busy', 'true');
  const cards = [];
  for (const [index, image] of images.entries()) {
    status.textContent = `Image ${index + 1} of ${images.length} …`;
    const card = await cardOf(image, lines, { signal, seconds: allowed });
    if (signal.aborted) return;
    cards.push(card);
    show(cards);
  }
  const failed = cards.filter(({ isFailed }) => isFailed).length;
  status.textContent = `${plural(images.length, 'image')}, ${failed} failed.`;
  results.removeAttribute('aria-busy');
}

function show(cards) {
  results.replaceChildren(...cards.map(({ article }) => article));
  const kept = new Set(cards.flatMap((card) => card.urls));
  urls.filter((url) => !kept.has(url)).forEach((url) => URL.revokeObjectURL(url));
  urls = [...kept];
}

async function cardOf(image, lines, options) {
  const article = element('article');
  const card = { article, urls: [], isFailed: false };
  article.append(element('h3', image.name));
  try {
    const bytes = await image.arrayBuffer();
    const before = performance.now();
    const { source, thumbnails, warnings } = await made(bytes, lines, options);
    const took = Math.round(performance.now() - before);
    const told = `${source.mediaType}, ${source.width}x${source.height}, ${size(bytes.byteLength)}; ${took} ms`;
    article.append(element('p', told));
    warnings.forEach((warning) => article.append(element('p', `Warning: ${warning}`)));
    const row = element('div', '', 'thumbnails');
    row.append(...thumbnails.map((thumbnail) => figure(thumbnail, card)));
    article.append(row);
  } catch (error) {
    card.isFailed = true;
    article.append(element('p', `${error.kind ?? 'not read'}: ${error.message}`, 'wrong'));
  }
  return card;
}

function figure({ name, data, mediaType, width, height }, card) {
  const url = URL.createObjectURL(new Blob([data], { type: mediaType }));
  card.urls.push(url);
  const picture = Object.assign(new Image(width, height), { src: url, alt: `Thumbnail ${name}` });
  const save = Object.assign(element('a', name), { href: url, download: `${name}.${mediaType.slice('image/'.length)}` });
  const caption = element('figcaption', ` ${width}x${height}, ${mediaType}, ${size(data.length)}`);
  caption.prepend(save);
  const made = element('figure');
  made.append(picture, caption);
  return made;
}

function take(list) {
  if (list.length === 0) return;
  images = [...list].slice(0, MOST_IMAGES);
  run();
}

/** A picture to begin with: a thing in a corner, which shows crops and focuses. */
async function draw() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 800 });
  const pen = canvas.getContext('2d');
  const sky = pen.createLinearGradient(0, 0, 0, 800);
  sky.addColorStop(0, '#1b3a6b');
  sky.addColorStop(0.7, '#e59a6f');
  sky.addColorStop(1, '#2d4a3a');
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 1200, 800);
  pen.fillStyle = '#ffe9b0';
  pen.beginPath();
  pen.arc(930, 260, 110, 0, 2 * Math.PI);
  pen.fill();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9));
  take([new File([blob], 'drawn.jpg', { type: 'image/jpeg' })]);
}

function later(work) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, PAUSE);
  };
}

files.addEventListener('change', () => take(files.files));
document.getElementById('sample').addEventListener('click', draw);
presets.addEventListener('input', later(run));
seconds.addEventListener('input', later(run));
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', kind === 'dragover');
    if (kind === 'drop') take(event.dataTransfer.files);
  });
}
document.getElementById('copy').addEventListener('click', async () => {
  const copied = document.getElementById('copied');
  try {
    await navigator.clipboard.writeText(line.textContent);
    copied.textContent = 'Copied.';
  } catch {
    getSelection().selectAllChildren(line);
    copied.textContent = 'Selected: press Ctrl+C.';
  }
});
document.getElementById('suggestions').append(...SUGGESTED.map((preset) => {
  const button = Object.assign(element('button', `+ ${preset}`), { type: 'button' });
  button.addEventListener('click', () => {
    const name = preset.split('=')[0];
    const others = presets.value.split('\n').filter((text) => text.trim() !== '' && !text.startsWith(`${name}=`));
    presets.value = [...others, preset].join('\n');
    run();
  });
  return button;
}));

presets.value = FIRST.join('\n');
asked();
try {
  const { name, version, decodes } = await describe();
  document.getElementById('engine').textContent = `${name} ${version}: ${smallDigest} for most images, and ${wholeDigest}, `
    + `as it is released, for those that need more. It reads ${decodes.join(', ')}.`;
  if (images.length === 0) status.textContent = 'The engine is ready.';
} catch (error) {
  status.textContent = `The engine does not start here: ${error.message}`;
}
