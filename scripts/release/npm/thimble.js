#!/usr/bin/env node
// Starts the program of this machine, which one of the optional packages has brought.
'use strict';

const { spawn } = require('node:child_process');

const { optionalDependencies } = require('../package.json');

const SCOPE = '@thimble/cli-';
const machine = `${process.platform}-${process.arch}`;
const name = SCOPE + machine;
let program;
try {
  program = require.resolve(`${name}/bin/thimble${process.platform === 'win32' ? '.exe' : ''}`);
} catch {
  console.error(`thimble: ${remedy()}`);
  process.exit(1);
}

function remedy() {
  const version = optionalDependencies[name];
  if (version === undefined) {
    const there = Object.keys(optionalDependencies).map((each) => each.slice(SCOPE.length));
    return `there is no package of npm for ${machine}, only for ${there.join(' and ')}; see the other files of the release, or build it`;
  }
  return `${name} is not installed beside this package; run \`npm install ${name}@${version}\`, or name its file of the release:`
    + ` \`npm install ./${name.slice(1).replace('/', '-')}-${version}.tgz\``;
}

const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' });
// Signals of a terminal reach the program by themselves; those that are sent to this process do not.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}
child.on('error', (error) => {
  console.error(`thimble: cannot start ${program}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
