/** Reason why there are no thumbnails. `kind` is a stable word, the message is for people. */
export class ThimbleError extends Error {
  constructor(kind, message) {
    super(message);
    this.name = 'ThimbleError';
    this.kind = kind;
  }
}

/** Malformed preset, with the place of the mistake. */
export class PresetError extends ThimbleError {
  constructor(line, problem, message, column = 1, length = 1) {
    super('invalid-preset', message);
    this.name = 'PresetError';
    this.line = line;
    this.problem = problem;
    this.column = column;
    this.length = length;
  }

  /** The preset, and beneath it a mark for each character of the mistake. */
  get pointer() {
    const shown = this.line.replace(/\p{Cc}/gu, ' ');
    return `${shown}\n${' '.repeat(this.column - 1)}${'^'.repeat(this.length)}`;
  }
}

/** The longest text of an engine that is passed on, in characters. */
const EXCERPT = 300;

/** The beginning of `text` in one line, with all escaped that a terminal would obey. */
export function excerpt(text) {
  const characters = [...String(text).trim().replace(/\s+/gu, ' ')];
  const line = characters.slice(0, EXCERPT).join('') + (characters.length > EXCERPT ? '…' : '');
  return line.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu, escapeUnicode);
}

/** A character as the host writes it in messages. */
export function escapeUnicode(character) {
  return `\\u{${character.codePointAt(0).toString(16)}}`;
}

/** Failures of an engine in the words of the native host, which are the only ones for them. */
const PROBLEMS = {
  'unsupported-format': 'the source is not in a format the engine decodes',
  'malformed-source': 'the source is corrupt',
  'limit-exceeded': 'the source is over a limit',
  'invalid-spec': 'a preset asks for what the engine cannot do',
  'engine-other': 'the engine failed',
  'engine-trap': 'the engine crashed',
  'engine-stack': 'the engine ran out of stack',
  'engine-output': 'the engine returned what was not asked for',
  'engine-unavailable': 'no engine could be run',
};

/** A failure of the engine, and its own words for it: in one line and not at any length. */
export function failure(kind, detail = '') {
  const told = excerpt(detail);
  return new ThimbleError(kind, told === '' ? PROBLEMS[kind] : `${PROBLEMS[kind]}: ${told}`);
}

export function outOfMemory(memory) {
  return new ThimbleError('engine-memory', `the engine asked for more than its ${Math.floor(memory / 2 ** 20)} MiB of memory`);
}

export function outOfTime(seconds) {
  return new ThimbleError('engine-time', `the engine was stopped after ${seconds}s`);
}
