import { serve } from './sandbox.js';

async function read(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`cannot fetch ${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

serve(
  read,
  (answer) => self.addEventListener('message', ({ data }) => answer(data)),
  (message, transfer) => self.postMessage(message, transfer),
);
