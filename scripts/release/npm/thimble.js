#!/usr/bin/env node
// Starts the program of this machine, which one of the optional packages has brought.
'use strict';

const { spawn } = require('node:child_process');

const name = `@thimble/cli-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${name}/bin/thimble`);
} catch {
  console.error(`thimble: ${name} is not installed; install without --no-optional, on Linux with x64 or arm64`);
  process.exit(1);
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
