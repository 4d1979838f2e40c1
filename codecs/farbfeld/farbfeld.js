const describe = () => [{ mediaType: 'image/x-farbfeld', codec: 'farbfeld', version: '0.1.0' }];

// The bytes `farbfeld`: words have the first byte in the lowest bits.
const recognize = ({ words }) => (words[0] === 0x62726166 && words[1] === 0x646c6566 ? 0 : undefined);

function readHeader(format, { length, words }, { maxPixels }) {
  if (length < 16) throw { tag: 'malformed-source', val: 'the header is cut short' };
  const [width, height] = words.slice(2, 4).map(swapBytes);
  if (width * height > maxPixels) throw { tag: 'limit-exceeded', val: 'too many pixels' };
  return { width, height, orientation: 1, frames: 1 };
}

function decode(format, source, wanted, limits) {
  const { width, height } = readHeader(format, source, limits);
  const { length, words } = source;
  const pixels = new Uint32Array(width * height);
  const whole = Math.min(pixels.length, (length - 16) >>> 3);
  if (whole === 0) throw { tag: 'malformed-source', val: 'there is no pixel' };
  for (let pixel = 0, at = 4; pixel < whole; pixel += 1, at += 2) {
    // Samples have 16 bits, the higher byte first: every other byte is enough.
    const redGreen = words[at];
    const blueAlpha = words[at + 1];
    const low = (redGreen & 0xff) | ((redGreen >>> 8) & 0xff00);
    pixels[pixel] = low | ((blueAlpha & 0xff) << 16) | ((blueAlpha & 0xff0000) << 8);
  }
  return {
    columnsAveraged: 1,
    rowsAveraged: 1,
    model: 'rgba',
    planes: [{ length: pixels.length * 4, words: pixels }],
    color: { tag: 'srgb' },
    warnings: whole < pixels.length ? ['the source is truncated'] : [],
  };
}

function swapBytes(word) {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

export const codec = { describe, recognize, readHeader, decode };
