/**
 * Prints the names of the skipped and the failed tests of a vitest JSON report, then the line of
 * counts.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

const { testResults } = reportSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
const tests = testResults.flatMap((file) => file.assertionResults);
const named = (statuses: readonly string[]): string[] =>
  tests.filter(({ status }) => statuses.includes(status)).map(({ fullName }) => fullName);

const failed = [
  ...named(['failed']),
  // A test file that could not be loaded has no tests to count.
  ...testResults
    .filter(
      (file) =>
        file.status === 'failed' &&
        file.assertionResults.every(({ status }) => status !== 'failed'),
    )
    .map(({ name }) => name),
];
const skipped = named(['skipped', 'pending', 'todo', 'disabled']);
for (const name of skipped) console.log(`skipped: ${name}`);
for (const name of failed) console.log(`failed: ${name}`);
console.log(
  `${named(['passed']).length} passed, ${failed.length} failed, ${skipped.length} skipped`,
);
