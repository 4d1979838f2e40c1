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

/** Number of numbers that follow an instruction of the plain set, by its code. */
const NUMBERS = new Map([
  ...[0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, 0xd1].map((code) => [code, 0]),
  ...[0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x12, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2].map((code) => [code, 1]),
  ...[0x11, 0x13].map((code) => [code, 2]),
]);

/** Moves `reader` behind the operands of an instruction. */
function skipOperands(code, reader) {
  const isVariable = code >= 0x20 && code <= 0x26;
  const isArithmetic = code >= 0x45 && code <= 0xc4;
  const numbers = isVariable ? 1 : isArithmetic ? 0 : NUMBERS.get(code);
  if (numbers !== undefined) skipNumbers(reader, numbers);
  else if (code >= 0x28 && code <= 0x3e) skipAddress(reader);
  else if (code === 0x0e) skipNumbers(reader, reader.number() + 1);
  else if (code === 0x1c) skipNumbers(reader, reader.number());
  else if (code === 0x43) reader.skip(4);
  else if (code === 0x44) reader.skip(8);
  else if (code === 0xfc) skipBulk(reader);
  else if (code === 0xfd) skipVector(reader);
  else throw unknown(code.toString(16));
}

function unknown(code) {
  return new Error(`an instruction that the meter does not know: ${code}`);
}

function skipNumbers(reader, count) {
  for (let left = count; left > 0; left--) reader.skipNumber();
}

function skipAddress(reader) {
  if (reader.number() & 0x40) throw new Error('the module has several memories');
  reader.skipNumber();
}

/** Saturating conversions, and instructions about whole tables and memories. */
function skipBulk(reader) {
  const code = reader.number();
  if (code > 17) throw unknown(`fc ${code}`);
  const hasTwo = [8, 10, 12, 14].includes(code);
  skipNumbers(reader, code <= 7 ? 0 : hasTwo ? 2 : 1);
}

/** Vectors of 128 bits; what is not listed has no operands. */
function skipVector(reader) {
  const code = reader.number();
  const isLoad = code <= 11 || code === 92 || code === 93;
  const isLoadOfLane = code >= 84 && code <= 91;
  if (isLoad || isLoadOfLane) skipAddress(reader);
  if (code === 12 || code === 13) reader.skip(16);
  if (isLoadOfLane || (code >= 21 && code <= 34)) reader.skip(1);
}

/** The instructions of a function's body, as `{ code, start, end }`. */
export function* instructions(body) {
  const reader = new Reader(body);
  // Groups of local variables: how many, and their type.
  skipNumbers(reader, 2 * reader.number());
  while (!reader.isDone) {
    const start = reader.at;
    const code = reader.byte();
    skipOperands(code, reader);
    yield { code, start, end: reader.at };
  }
}
