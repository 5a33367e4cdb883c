/**
 * Runs the checks that every change has to pass: format, types, lint and dead code at the same
 * time, then the tests. The output of a check is printed when the check has ended. A failed check
 * does not stop the others, so that one run shows all problems. Exit code 1 when any check failed.
 *
 * `node scripts/check.ts`
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const repository = path.resolve(import.meta.dirname, '..');
const quickChecks = ['format:check', 'types', 'lint', 'knip'] as const;

const failed = (await Promise.all(quickChecks.map(runQuietly))).filter(
  (name) => name !== undefined,
);
if (!(await runTests())) failed.push('test');
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

/** Runs a script of package.json. Resolves to its name when the script failed. */
async function runQuietly(name: string): Promise<string | undefined> {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', '--silent', name], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'passed' : 'FAILED'} ${name} in ${seconds} s`);
  if (code !== 0) process.stdout.write(`${stdout}${stderr}`);
  return code === 0 ? undefined : name;
}

async function runTests(): Promise<boolean> {
  const [code] = await once(spawn('npm', ['test'], { cwd: repository, stdio: 'inherit' }), 'close');
  return code === 0;
}
