// Puts a meter on the memory of an engine.
//
// An engine that is refused memory sees an allocation fail, and is likely to blame
// the image. The native host ends such a call at once; a runtime without a hook for
// that, such as a browser's, cannot. So each `memory.grow` of the engine becomes a
// call of a function that ends the call itself and says why, in a global that the
// host reads. Everything else stays as it is, and so do the thumbnails.

import { COMPONENT, MODULE, Reader, assemble, concat, instructions, number, sections, sized } from './wasm.mjs';

/** The most pages of memory that the engine may have. The host sets it. */
export const LIMIT = 'thimble:memory-limit';

/** 0, or the reason why the call ended: 1 is the limit, 2 is the machine. */
export const REFUSED = 'thimble:memory-refused';

const SECTION = { module: 1, type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 };
const MEMORY_GROW = 0x40;
const CALL = 0x10;
const ALL_PAGES = 65536;

/** The component with a meter, and the module with one inside of it. */
export function meter(component) {
  const parts = sections(component, COMPONENT);
  let module;
  for (const part of parts.filter(({ id }) => id === SECTION.module)) {
    if (!grows(part.bytes)) continue;
    if (module) throw new Error('several modules of the engine take memory; one was expected');
    module = part.bytes = meterModule(part.bytes);
  }
  if (!module) throw new Error('no module of the engine takes memory; one was expected');
  return { component: assemble(COMPONENT, parts), module };
}

function grows(module) {
  const code = sections(module, MODULE).find(({ id }) => id === SECTION.code);
  const isGrowth = ({ code }) => code === MEMORY_GROW;
  return code !== undefined && bodies(code.bytes).some((body) => [...instructions(body)].some(isGrowth));
}

function meterModule(module) {
  const parts = sections(module, MODULE);
  const section = (name) => {
    const found = parts.find(({ id }) => id === SECTION[name]);
    if (!found) throw new Error(`the engine has no section of kind ${name}`);
    return found;
  };
  const imported = imports(section('import').bytes);
  const type = append(section('type'), [[0x60, 1, 0x7f, 1, 0x7f]]);
  const grow = imported.functions + append(section('function'), [number(type)]);
  const limit = imported.globals + append(section('global'), [variable(ALL_PAGES), variable(0)]);
  append(section('export'), [exported(LIMIT, limit), exported(REFUSED, limit + 1)]);
  const code = section('code');
  const metered = bodies(code.bytes).map((body) => sized(callInstead(body, grow)));
  const all = [...metered, sized(body(limit, limit + 1))];
  code.bytes = concat(number(all.length), ...all);
  return assemble(MODULE, parts);
}

/** Adds entries to a section, and returns the number of those before. */
function append(section, entries) {
  const reader = new Reader(section.bytes);
  const count = reader.number();
  section.bytes = concat(number(count + entries.length), section.bytes.subarray(reader.at), ...entries);
  return count;
}

/** Imported functions and globals come first in the numbering. */
function imports(bytes) {
  const reader = new Reader(bytes);
  const counts = { functions: 0, globals: 0 };
  for (let left = reader.number(); left > 0; left--) {
    reader.skip(reader.number());
    reader.skip(reader.number());
    const kind = reader.byte();
    if (kind !== 0 && kind !== 3) throw new Error('the engine imports a table or a memory');
    if (kind === 0) {
      counts.functions += 1;
      reader.skipNumber();
    } else {
      counts.globals += 1;
      reader.skip(2);
    }
  }
  return counts;
}

/** A variable of 32 bits. */
function variable(value) {
  // Constants are signed, so the last group of bits has room for a sign.
  const digits = value === 0 ? [0] : [0x80 | (value & 0x7f), 0x80 | ((value >> 7) & 0x7f), value >> 14];
  return [0x7f, 0x01, 0x41, ...digits, 0x0b];
}

function exported(name, index) {
  return concat(sized(new TextEncoder().encode(name)), [0x03], number(index));
}

function bodies(code) {
  const reader = new Reader(code);
  return Array.from({ length: reader.number() }, () => reader.take(reader.number()));
}

function callInstead(body, grow) {
  const parts = [];
  let copied = 0;
  for (const { code, start, end } of instructions(body)) {
    if (code !== MEMORY_GROW) continue;
    parts.push(body.subarray(copied, start), [CALL, ...number(grow)]);
    copied = end;
  }
  return concat(...parts, body.subarray(copied));
}

/** `fn(pages) -> before`: `memory.grow`, or the end of the call. */
function body(limit, refused) {
  const [limitIndex, refusedIndex] = [number(limit), number(refused)];
  const giveUp = (reason) => [0x04, 0x40, 0x41, reason, 0x24, ...refusedIndex, 0x00, 0x0b];
  return new Uint8Array([
    1, 1, 0x7f, // local 1: an i32
    0x3f, 0, 0xad, 0x20, 0, 0xad, 0x7c, // memory.size + pages, in 64 bits
    0x23, ...limitIndex, 0xad, 0x56, // are more than the limit
    ...giveUp(1),
    0x20, 0, 0x40, 0, 0x22, 1, // local 1 = memory.grow(pages)
    0x41, 0x7f, 0x46, // is -1
    ...giveUp(2),
    0x20, 1, 0x0b,
  ]);
}
