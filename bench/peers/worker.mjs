// The loop of a JavaScript worker: one JSON request a line in, one answer a line out.
//
// A request names a source file, a workload and how often to run it. The answer
// holds the CPU time of one run, user and system over all threads, and the sizes
// of the files that were made.
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

export async function serve(name, versions, thumbnails) {
  const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  answer({ name, versions });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      answer(await run(JSON.parse(line), thumbnails));
    } catch (error) {
      answer({ error: String(error?.message ?? error) });
    }
  }
  process.exit(0);
}

async function run(request, thumbnails) {
  const source = await readFile(request.source);
  let files = [];
  const before = process.cpuUsage();
  for (let iteration = 0; iteration < request.iterations; iteration += 1) {
    files = await thumbnails(source, request);
  }
  const spent = process.cpuUsage(before);
  if (request.output) {
    await Promise.all(files.map((file, index) => writeFile(`${request.output}/${index}`, file)));
  }
  return {
    milliseconds: (spent.user + spent.system) / 1000 / request.iterations,
    bytes: files.map((file) => file.length),
  };
}
