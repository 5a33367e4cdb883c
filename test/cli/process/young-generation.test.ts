import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const subject = fileURLToPath(
  new URL('../../../src/cli/process/young-generation.ts', import.meta.url),
);

/**
 * Keeps the newest 30 of 3,000 arrays of 50 KB alive, so that every collection finds survivors and
 * V8 grows the young generation. Prints its size before and after, in MB.
 */
const program = `
import v8 from 'node:v8';
const { keepYoungGeneration } = await import(process.argv[1]);
const size = () => v8.getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20;
const before = size();
if (process.argv[2] === 'kept') keepYoungGeneration();
const alive = [];
for (let count = 0; count < 3000; count += 1) {
  alive.push(Array.from({ length: 50 }, () => new Array(125).fill(count)));
  if (alive.length > 30) alive.shift();
}
console.log(JSON.stringify({ before, after: size() }));
`;

function sizes(mode: 'kept' | 'left alone'): { before: number; after: number } {
  const child = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program, subject, mode],
    { encoding: 'utf8' },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as { before: number; after: number };
}

test('the young generation stays small under load, where V8 would double it repeatedly', () => {
  const [leftAlone, kept] = [sizes('left alone'), sizes('kept')];
  expect(leftAlone.after).toBeGreaterThan(8 * leftAlone.before);
  expect(kept.after).toBeLessThan(leftAlone.after / 2);
});
