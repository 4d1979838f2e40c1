// Checks of an answer: that it can be true, and answers what was asked. The sandbox
// keeps an engine from doing harm; this keeps it from doing harm by what it says.

import { excerpt, failure } from './errors.js';

const MAX_WARNINGS = 20;

/** The first bytes of formats, and where they stand. */
const BEGINNINGS = {
  'image/jpeg': [[0, [0xff, 0xd8, 0xff]]],
  'image/png': [[0, [0x89, 0x50, 0x4e, 0x47]]],
  'image/gif': [[0, [0x47, 0x49, 0x46, 0x38]]],
  'image/webp': [[0, [0x52, 0x49, 0x46, 0x46]], [8, [0x57, 0x45, 0x42, 0x50]]],
};

export function check(output, specs, limits, info) {
  const { source, thumbnails } = output;
  if (!isSource(source, limits)) lie('an impossible source');
  if (thumbnails.length !== specs.length) lie(`${thumbnails.length} thumbnails for ${specs.length} specs`);
  thumbnails.forEach((thumbnail, index) => {
    const why = wrong(thumbnail, specs[index], source.dimensions, limits, info);
    if (why) lie(`thumbnail ${index} is ${why}`);
  });
  output.warnings = output.warnings.slice(0, MAX_WARNINGS).map(excerpt);
}

function lie(what) {
  throw failure('engine-output', what);
}

function isSource({ mediaType, dimensions: { width, height }, frames }, { maxPixels, maxSide }) {
  const isThere = width > 0 && height > 0 && frames > 0 && /^image\/[a-z0-9.+-]{1,64}$/.test(mediaType);
  return isThere && width * height <= maxPixels && Math.max(width, height) <= maxSide;
}

function wrong({ data, mediaType, dimensions }, spec, source, limits, info) {
  const { width, height } = dimensions;
  const asked = spec.encoding.mediaType;
  if (width < 1 || height < 1 || Math.max(width, height) > limits.maxOutputSide) return `${width}x${height}`;
  const sides = [[width, spec.bounds.width, source.width], [height, spec.bounds.height, source.height]];
  const exceeds = sides.some(([side, bound]) => bound !== undefined && side > bound);
  const misses = sides.some(([side, bound]) => bound !== undefined && side !== bound);
  const isLarger = sides.some(([side, , original]) => side > original);
  if (['inside', 'cover', 'fill'].includes(spec.fit) && exceeds) return 'outside its bounds';
  if (spec.fit === 'contain' && misses) return 'not padded to its bounds';
  if (spec.fit === 'fill' && spec.enlarge && misses) return 'not stretched to its bounds';
  if (spec.fit !== 'contain' && !spec.enlarge && isLarger) return 'larger than the source';
  if (asked !== undefined && mediaType !== asked) return `\`${excerpt(mediaType)}\`, not \`${asked}\``;
  if (!info.encodes.includes(mediaType)) return `\`${excerpt(mediaType)}\`, which it does not write`;
  const begins = ([at, bytes]) => bytes.every((byte, index) => data[at + index] === byte);
  if (data.length === 0 || !(BEGINNINGS[mediaType] ?? []).every(begins)) return `not \`${mediaType}\``;
  return undefined;
}
