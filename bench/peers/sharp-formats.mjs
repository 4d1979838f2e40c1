// Prints which of the files named on the standard input sharp makes a thumbnail of.
import { readFileSync } from 'node:fs';
import { sharp } from './sharp-common.mjs';

const side = Number(process.argv[2]);
const made = [];
for (const path of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  try {
    await sharp(path, { limitInputPixels: false }).resize(side, side, { fit: 'inside' }).png().toBuffer();
    made.push(path);
  } catch {
    // There is no thumbnail of it.
  }
}
console.log(JSON.stringify(made));
