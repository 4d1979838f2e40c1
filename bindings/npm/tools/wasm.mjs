// As much of the binary format of WebAssembly as the meter needs.

export const MODULE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
export const COMPONENT = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/** Reads numbers and bytes, one after another. */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get isDone() {
    return this.at >= this.bytes.length;
  }

  byte() {
    if (this.isDone) throw new Error('the module ends too early');
    return this.bytes[this.at++];
  }

  skip(count) {
    if (this.at + count > this.bytes.length) throw new Error('the module ends too early');
    this.at += count;
  }

  take(count) {
    const start = this.at;
    this.skip(count);
    return this.bytes.subarray(start, this.at);
  }

  /** An unsigned LEB128 of 32 bits. */
  number() {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error('a number is too long');
  }

  /** A LEB128 of any sign and width, which nobody asks for the value of. */
  skipNumber() {
    while (this.byte() >= 0x80);
  }
}

/** The bytes of an unsigned LEB128. */
export function number(value) {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

/** The bytes of a name or of the contents of a section: their length, then they. */
export function sized(bytes) {
  return concat(number(bytes.length), bytes);
}

export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The sections behind a preamble, as `{ id, bytes }`. */
export function sections(binary, preamble) {
  if (!preamble.every((byte, index) => binary[index] === byte)) throw new Error('not what was expected');
  const reader = new Reader(binary, preamble.length);
  const found = [];
  while (!reader.isDone) {
    const id = reader.byte();
    found.push({ id, bytes: reader.take(reader.number()) });
  }
  return found;
}

/** The opposite of `sections`. */
export function assemble(preamble, parts) {
  return concat(preamble, ...parts.map(({ id, bytes }) => concat([id], sized(bytes))));
}

/** Moves `reader` behind the operands of an instruction of the plain set. */
function skipOperands(code, reader) {
  const isMemory = code >= 0x28 && code <= 0x3e;
  const isPlain = (code >= 0x45 && code <= 0xc4) || [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].includes(code);
  const hasIndex = [0x0c, 0x0d, 0x10, 0x12, 0xd0, 0xd2].includes(code) || (code >= 0x20 && code <= 0x26);
  if (isPlain) return;
  if (isMemory) skipAddress(reader);
  else if (hasIndex || [0x02, 0x03, 0x04, 0x3f, 0x40, 0x41, 0x42].includes(code)) reader.skipNumber();
  else if (code === 0x0e) skipList(reader), reader.skipNumber();
  else if (code === 0x11 || code === 0x13) reader.skipNumber(), reader.skipNumber();
  else if (code === 0x1c) skipList(reader);
  else if (code === 0x43) reader.skip(4);
  else if (code === 0x44) reader.skip(8);
  else if (code === 0xfc) skipBulk(reader);
  else if (code === 0xfd) skipVector(reader);
  else throw new Error(`an instruction that the meter does not know: 0x${code.toString(16)}`);
}

function skipAddress(reader) {
  if (reader.number() & 0x40) throw new Error('the module has several memories');
  reader.skipNumber();
}

function skipList(reader) {
  for (let count = reader.number(); count > 0; count--) reader.skipNumber();
}

/** Saturating conversions, and instructions about whole tables and memories. */
function skipBulk(reader) {
  const code = reader.number();
  const operands = code <= 7 ? 0 : [8, 10, 12, 14].includes(code) ? 2 : code <= 17 ? 1 : -1;
  if (operands < 0) throw new Error(`an instruction that the meter does not know: 0xfc ${code}`);
  for (let count = operands; count > 0; count--) reader.skipNumber();
}

function skipVector(reader) {
  const code = reader.number();
  if (code <= 11 || code === 92 || code === 93) skipAddress(reader);
  else if (code === 12 || code === 13) reader.skip(16);
  else if (code >= 21 && code <= 34) reader.skip(1);
  else if (code >= 84 && code <= 91) skipAddress(reader), reader.skip(1);
}

/** The instructions of a function's body, as `{ code, start, end }`. */
export function* instructions(body) {
  const reader = new Reader(body);
  for (let groups = reader.number(); groups > 0; groups--) reader.skipNumber(), reader.byte();
  while (!reader.isDone) {
    const start = reader.at;
    const code = reader.byte();
    skipOperands(code, reader);
    yield { code, start, end: reader.at };
  }
}
