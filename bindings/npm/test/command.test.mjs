// The package of npm that starts the command line, laid out as it is installed.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const wrapper = new URL('../../../scripts/release/npm/thimble.js', import.meta.url);
const machine = `${process.platform}-${process.arch}`;
const folder = mkdtempSync(join(tmpdir(), 'thimble-'));
after(() => rmSync(folder, { recursive: true }));

/** Answer of the command in a folder of modules whose package has these optional ones. */
function run(name, optionalDependencies, program) {
  const modules = join(folder, name, 'node_modules/@thimble');
  mkdirSync(join(modules, 'cli/bin'), { recursive: true });
  writeFileSync(join(modules, 'cli/package.json'), JSON.stringify({ name: '@thimble/cli', optionalDependencies }));
  copyFileSync(wrapper, join(modules, 'cli/bin/thimble.js'));
  if (program) {
    mkdirSync(join(modules, `cli-${machine}/bin`), { recursive: true });
    writeFileSync(join(modules, `cli-${machine}/bin/thimble`), program);
    chmodSync(join(modules, `cli-${machine}/bin/thimble`), 0o755);
  }
  return spawnSync(process.execPath, [join(modules, 'cli/bin/thimble.js'), 'a', 'b c'], { encoding: 'utf8' });
}

test('the program of the machine is started with all arguments, and its status is passed on', () => {
  const { stdout, status } = run('whole', { [`@thimble/cli-${machine}`]: '1.2.3' }, '#!/bin/sh\nprintf "%s|" "$@"; exit 7\n');
  assert.equal(stdout, 'a|b c|');
  assert.equal(status, 7);
});

test('a package of the machine that is not installed is named, with both ways to install it', () => {
  const { stderr, status } = run('alone', { [`@thimble/cli-${machine}`]: '1.2.3' });
  const [first, second] = [`npm install @thimble/cli-${machine}@1.2.3`, `npm install ./thimble-cli-${machine}-1.2.3.tgz`];
  assert.equal(
    stderr,
    `thimble: @thimble/cli-${machine} is not installed beside this package; run \`${first}\`, or name its file of the release: \`${second}\`\n`,
  );
  assert.equal(status, 1);
});

test('a machine that no package is for is told which there are', () => {
  const { stderr, status } = run('foreign', { '@thimble/cli-plan9-mips': '1.2.3', '@thimble/cli-plan9-arm': '1.2.3' });
  assert.match(stderr, new RegExp(`there is no package of npm for ${machine}, only for plan9-mips and plan9-arm; `));
  assert.equal(status, 1);
});
