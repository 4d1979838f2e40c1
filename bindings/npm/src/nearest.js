// Words that were meant by others.

/** The word among `words` that is a slip of the finger or two away. */
export function nearest(word, words) {
  const near = words.map((known) => [distance(word, known), known]);
  const close = near.filter(([far, known]) => far <= 2 && far + 1 < known.length);
  close.sort(([a, left], [b, right]) => a - b || (left < right ? -1 : 1));
  return close[0]?.[1];
}

/** The letters to change, add or remove to get from one word to the other. */
function distance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  [...from].forEach((left, index) => {
    const next = [index + 1];
    [...to].forEach((right, column) => {
      next.push(Math.min(row[column] + (left === right ? 0 : 1), row[column + 1] + 1, next[column] + 1));
    });
    row = next;
  });
  return row[to.length];
}
