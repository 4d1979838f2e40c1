// Compiled, never run: the types fit the uses of the README.

import { Engine, PresetError, ThimbleError, thumbnails, type Kind, type Result } from '@thimble/engine';

export async function use(bytes: Uint8Array): Promise<Result | Kind> {
  const engine = new Engine({ seconds: 5, workers: 4, limits: { maxPixels: 50_000_000 } });
  try {
    const { thumbnails: made } = await thumbnails(bytes, ['small=200x200,cover,webp']);
    // @ts-expect-error: options of other names are refused.
    await thumbnails(bytes, [], { second: 5 });
    const blob = new Blob(made.map(({ data }) => data));
    return await engine.thumbnails(blob.size ? bytes : bytes.buffer, 'a=1x1 b=2x2', { signal: AbortSignal.timeout(10) });
  } catch (error) {
    if (error instanceof PresetError) console.error(error.pointer.length, error.column);
    if (error instanceof ThimbleError) return error.kind;
    throw error;
  } finally {
    engine.close();
  }
}
