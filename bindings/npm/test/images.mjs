// Images made by code, of which some mean no good.

import { deflateSync } from 'node:zlib';

/** A PNG of zeros: gray, or RGBA where it is interlaced. `claims` is the size in the header. */
export function png(width, height, { isInterlaced = false, claims = [width, height] } = {}) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(claims[0], 0);
  header.writeUInt32BE(claims[1], 4);
  header.set([8, isInterlaced ? 6 : 0, 0, 0, isInterlaced ? 1 : 0], 8);
  const length = isInterlaced ? passes(width, height) : (width + 1) * height;
  const data = deflateSync(Buffer.alloc(length), { level: 1 });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return new Uint8Array(Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]));
}

/** Bytes of the seven passes over an image of RGBA, with a byte of filter in each row. */
function passes(width, height) {
  const starts = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
  const bytes = starts.map(([x, y, across, down]) => {
    const columns = Math.ceil((width - x) / across);
    const rows = Math.ceil((height - y) / down);
    return columns > 0 ? rows * (1 + 4 * columns) : 0;
  });
  return bytes.reduce((sum, count) => sum + count, 0);
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
