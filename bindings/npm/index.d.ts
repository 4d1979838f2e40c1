/** Stable words for the reasons why there are no thumbnails: those of Thimble's host. */
export type Kind =
  | 'unsupported-format'
  | 'malformed-source'
  | 'limit-exceeded'
  | 'source-too-large'
  | 'invalid-preset'
  | 'invalid-spec'
  | 'engine-memory'
  | 'engine-other'
  | 'engine-output'
  | 'engine-stack'
  | 'engine-time'
  | 'engine-trap'
  | 'engine-unavailable';

/** Reason why there are no thumbnails. `kind` is a stable word, the message is for people. */
export class ThimbleError extends Error {
  protected constructor();
  readonly kind: Kind;
}

/** Malformed preset, with the place of the mistake. */
export class PresetError extends ThimbleError {
  protected constructor();
  readonly line: string;
  /** A stable word for the mistake. */
  readonly problem: string;
  /** Position of the mistake, in characters from 1. */
  readonly column: number;
  /** Number of characters of the mistake, at least 1. */
  readonly length: number;
  /** The preset, and beneath it a mark for each character of the mistake. */
  readonly pointer: string;
}

/** Limits of a source image; an image over one of them is a `limit-exceeded`. */
export interface Limits {
  maxPixels: number;
  maxSide: number;
  maxFrames: number;
  maxProfile: number;
  maxOutputSide: number;
}

/** Facts from the header of a source, with its orientation applied. */
export interface Image {
  mediaType: string;
  width: number;
  height: number;
  frames: number;
}

/** An encoded thumbnail, under the name of its preset. */
export interface Thumbnail {
  name: string;
  data: Uint8Array<ArrayBuffer>;
  mediaType: string;
  width: number;
  height: number;
}

export interface Result {
  source: Image;
  /** In the order of the presets. */
  thumbnails: Thumbnail[];
  /** Damage that the engine had to overlook, such as a truncated last row. */
  warnings: string[];
}

/** Name, version and abilities of the engine. */
export interface Info {
  name: string;
  version: string;
  decodes: string[];
  encodes: string[];
  settings: string[];
}

/** A preset as the engine is asked for it. */
export interface Preset {
  name: string;
  spec: import('./dist/interfaces/thimble-engine-thumbnailer.js').Spec;
}

export interface EngineOptions {
  /** The most memory for one image, in bytes; 1 GiB by default. */
  memory?: number;
  /** The longest time for one image, in seconds; 30 by default. A worker does not survive it. */
  seconds?: number;
  limits?: Partial<Limits>;
  /** The largest source that is taken, in bytes; 128 MiB by default. */
  maxSource?: number;
  /** Number of images at one time, each in a worker of its own; 1 by default. */
  workers?: number;
}

export interface CallOptions {
  signal?: AbortSignal;
}

/** Bytes of an image. They are copied and stay the caller's. */
export type Source = ArrayBufferLike | ArrayBufferView;

/** Lines such as `small=200x200,cover,webp`, or one text with blanks between them, such as that of `PRESETS`. */
export type Presets = string | Iterable<string>;

/** Workers with the engine in them. They start with the first image, and end with `close`. */
export class Engine {
  constructor(options?: EngineOptions);
  memory: number;
  seconds: number;
  maxSource: number;
  readonly limits: Limits;
  /** Makes a thumbnail for each preset, from one decode. Rejects with a `ThimbleError`. */
  thumbnails(source: Source, presets?: Presets, options?: CallOptions): Promise<Result>;
  /** Facts from the header of an image. No pixel is decoded. */
  inspect(source: Source, options?: CallOptions): Promise<Image & { warnings: string[] }>;
  describe(): Promise<Info>;
  close(): void;
}

/** Makes a thumbnail for each preset, from one decode. Rejects with a `ThimbleError`. */
export function thumbnails(source: Source, presets?: Presets, options?: EngineOptions & CallOptions): Promise<Result>;
/** Facts from the header of an image. No pixel is decoded. */
export function inspect(source: Source, options?: EngineOptions & CallOptions): Promise<Image & { warnings: string[] }>;
export function describe(): Promise<Info>;
/** Reads a preset. Throws a `PresetError`, which points at the mistake. */
export function parsePreset(line: string): Preset;
export function parsePresets(presets?: Presets): Preset[];

export const defaults: {
  readonly presets: string[];
  readonly limits: Limits;
  readonly memory: number;
  readonly seconds: number;
  readonly maxSource: number;
};

/** The digest of the engine in this package. */
export const digest: string;
