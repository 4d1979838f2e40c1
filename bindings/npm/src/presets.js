// The grammar of presets. The native host's is the authority: bindings/presets.json
// has its answers to a few hundred lines, and a test compares.

import { defaults } from '../dist/defaults.js';
import { PresetError, escapeUnicode } from './errors.js';
import { nearest } from './nearest.js';

const FITS = ['inside', 'outside', 'cover', 'contain', 'fill'];
const FORMATS = {
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  avif: 'image/avif',
  thumbhash: 'image/x-thumbhash',
  blurhash: 'image/x-blurhash',
  color: 'image/x-color',
};
// Formats without a quality.
const LOSSLESS = ['image/png', 'image/gif', 'image/bmp', 'image/x-thumbhash', 'image/x-blurhash', 'image/x-color'];
const WORDS = [...FITS, ...Object.keys(FORMATS), 'center', 'salient', 'enlarge'];
const MAX_SIDE = 65535;

const MESSAGES = {
  'no-name': 'a preset is a name and a size, for example small=200x200',
  name: 'a name is 1 to 64 letters, digits, `-` and `_`, and begins with a letter or digit',
  bounds: 'a size is for example 200x200, 200x (any height) or x200 (any width)',
  side: 'a side is a number of pixels from 1 to 65535',
  word: 'no fit, focus or format is called that',
  quality: 'a quality is q1 (smallest) to q100 (best)',
  'max-bytes': 'max-bytes is a number of bytes from 1 to 4294967295, for example max-bytes=20000',
  'no-quality': 'max-bytes lowers the quality, and this format has none: name jpeg or webp instead',
  point: 'a point is two numbers from 0 to 1, for example at(0.5;0.3)',
  color: 'a color is #rrggbb or #rrggbbaa in hexadecimal digits, for example bg=#ffffff',
  'setting-name': 'the name of a setting is made of lower case letters, digits, `-` and `.`',
  'setting-value': 'the value of a setting is 1 to 64 visible characters',
};

/** Presets of a list of lines, or of a text with blanks between them. */
export function parsePresets(presets = defaults.presets) {
  const lines = typeof presets === 'string' ? split(presets) : [...presets];
  const parsed = lines.map(parsePreset);
  const names = new Set();
  for (const { name } of parsed) {
    if (names.has(name)) throw new PresetError(name, 'twice', `two presets have one name: ${name}`);
    names.add(name);
  }
  return parsed;
}

function split(text) {
  const parts = text.split(/\s+/u).map((part) => part.replace(/;+$/, ''));
  return parts.filter((part) => part !== '');
}

/** One preset, as `{ name, spec }`. */
export function parsePreset(line) {
  if (typeof line !== 'string') throw new PresetError(String(line), 'no-name', `${MESSAGES['no-name']}, as a text`);
  return new Parser(line).preset();
}

class Parser {
  constructor(line) {
    this.line = line;
    this.said = new Set();
    this.spec = {
      bounds: {},
      fit: 'inside',
      focus: { tag: 'center' },
      background: { red: 255, green: 255, blue: 255, alpha: 255 },
      enlarge: false,
      encoding: {},
      settings: [],
    };
  }

  preset() {
    const equals = this.line.indexOf('=');
    if (equals < 0) this.fail('no-name', 0, this.line);
    const name = this.line.slice(0, equals);
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) this.fail('name', 0, name);
    let at = equals + 1;
    this.line.slice(at).split(',').forEach((part, index) => {
      if (index === 0) this.bounds(part, at);
      else this.part(part, at);
      at += part.length + 1;
    });
    this.boundedBytes(equals + 1);
    return { name, spec: this.spec };
  }

  /** Refuses `max-bytes` for a format that has no quality to lower. */
  boundedBytes(at) {
    const { encoding, settings } = this.spec;
    const isLossless = settings.some(({ name, value }) => name === 'webp.lossless' && value === 'true');
    if (!LOSSLESS.includes(encoding.mediaType) && !(encoding.mediaType === 'image/webp' && isLossless)) return;
    for (const part of this.line.slice(at).split(',')) {
      if (part.startsWith('max-bytes=')) this.fail('no-quality', at, part);
      at += part.length + 1;
    }
  }

  bounds(text, at) {
    const by = text.indexOf('x');
    if (by < 0) this.fail('bounds', at, text);
    const width = this.side(text.slice(0, by), at);
    const height = this.side(text.slice(by + 1), at + by + 1);
    if (width === undefined && height === undefined) this.fail('bounds', at, text);
    this.spec.bounds = { width, height };
  }

  side(text, at) {
    if (text === '') return undefined;
    if (!/^[0-9]+$/.test(text)) this.fail('bounds', at, text);
    const side = Number(text);
    if (side < 1 || side > MAX_SIDE) this.fail('side', at, text);
    return side;
  }

  part(text, at) {
    const { spec } = this;
    const media = mediaType(text);
    if (FITS.includes(text)) {
      this.once('fit', at, text);
      spec.fit = text;
    } else if (text === 'center' || text === 'salient' || text.startsWith('at(')) {
      const focus = this.focus(text, at);
      this.once('focus', at, text);
      spec.focus = focus;
    } else if (media !== undefined) {
      this.once('format', at, text);
      spec.encoding.mediaType = media;
    } else if (/^q[0-9]+$/.test(text)) {
      const quality = Number(text.slice(1));
      if (quality < 1 || quality > 100) this.fail('quality', at, text);
      this.once('quality', at, text);
      spec.encoding.quality = quality;
    } else if (text === 'enlarge') {
      this.once('word enlarge', at, text);
      spec.enlarge = true;
    } else if (text.includes('=')) {
      this.assignment(text, at);
    } else {
      this.fail('word', at, text);
    }
  }

  assignment(text, at) {
    const equals = text.indexOf('=');
    const [name, value] = [text.slice(0, equals), text.slice(equals + 1)];
    if (name === 'bg') {
      this.once('background', at, text);
      this.spec.background = this.color(value, at + equals + 1);
      return;
    }
    if (!/^[a-z][a-z0-9.-]{0,63}$/.test(name)) this.fail('setting-name', at, name);
    if (this.spec.settings.some((other) => other.name === name)) this.twice('setting', at, name);
    if (!/^[!-~]{1,64}$/.test(value)) this.fail('setting-value', at + equals + 1, value);
    const isNumber = /^[0-9]+$/.test(value) && Number(value) >= 1 && Number(value) < 2 ** 32;
    if (name === 'max-bytes' && !isNumber) this.fail('max-bytes', at + equals + 1, value);
    this.spec.settings.push({ name, value });
  }

  focus(text, at) {
    if (!text.startsWith('at(')) return { tag: text };
    const point = /^at\(([0-9.]*);([0-9.]*)\)$/.exec(text);
    const [x, y] = point ? point.slice(1).map(fraction) : [];
    if (x === undefined || y === undefined) this.fail('point', at, text);
    return { tag: 'at', val: { x, y } };
  }

  color(text, at) {
    if (!/^#([0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/.test(text)) this.fail('color', at, text);
    const channel = (index) => parseInt(text.slice(1 + 2 * index, 3 + 2 * index) || 'ff', 16);
    return { red: channel(0), green: channel(1), blue: channel(2), alpha: channel(3) };
  }

  once(what, at, text) {
    if (this.said.has(what)) this.twice(what, at, text);
    this.said.add(what);
  }

  twice(what, at, text) {
    this.fail('twice', at, text, `the ${what} is given twice`);
  }

  fail(problem, at, text, message = MESSAGES[problem]) {
    const column = [...this.line.slice(0, at)].length + 1;
    const length = Math.max([...text].length, 1);
    if (problem === 'word') {
      const meant = nearest(text, WORDS);
      message = `\`${quoted(text)}\`: ${message}${meant ? `; did you mean \`${meant}\`?` : ''}`;
    }
    const place = `preset \`${quoted(this.line)}\`, column ${column}: `;
    throw new PresetError(this.line, problem, place + message, column, length);
  }
}

function mediaType(word) {
  if (Object.hasOwn(FORMATS, word)) return FORMATS[word];
  return /^image\/[a-z0-9.+-]{1,64}$/.test(word) ? word : undefined;
}

/** A number from 0 to 1, as precise as the engine takes it. */
function fraction(text) {
  if (!/^([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text)) return undefined;
  const value = Math.fround(Number(text));
  return value <= 1 ? value : undefined;
}

/** `text` with all escaped that cannot be seen or would end a quotation. */
function quoted(text) {
  const known = { '\0': '\\0', '\t': '\\t', '\r': '\\r', '\n': '\\n' };
  const isHidden = /[\\'"]|(?! )[\p{C}\p{Z}]|^\p{Grapheme_Extend}/gu;
  return text.replace(isHidden, (c) => known[c] ?? (/[\\'"]/.test(c) ? `\\${c}` : escapeUnicode(c)));
}
