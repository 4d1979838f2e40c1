import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';

import { serve } from './sandbox.js';

serve(
  (url) => readFile(url),
  (answer) => parentPort.on('message', answer),
  (message, transfer) => parentPort.postMessage(message, transfer),
);
