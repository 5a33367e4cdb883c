import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const subject = fileURLToPath(
  new URL('../../../../src/runtime/worker/client/trace-variable.ts', import.meta.url),
);

/** Runs a program with `setTrace` in a process of its own. Returns the JSON that the program prints. */
function run(program: string, environment: Readonly<Record<string, string>> = {}): unknown {
  const preamble = `const { keepTraceVariable } = await import(${JSON.stringify(subject)}); const setTrace = keepTraceVariable();`;
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '--eval', `${preamble}\n${program}`],
    { encoding: 'utf8', env: { ...process.env, ...environment } },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
}

test('the variable is read, listed, copied, replaced and deleted like any other', () => {
  const seen = run(`
    const look = () => [process.env._X_AMZN_TRACE_ID, '_X_AMZN_TRACE_ID' in process.env, Object.keys(process.env).filter((key) => key === '_X_AMZN_TRACE_ID').length, ({ ...process.env })._X_AMZN_TRACE_ID];
    const before = look();
    setTrace('Root=1');
    const first = look();
    setTrace('Root=2');
    const second = look();
    process.env._X_AMZN_TRACE_ID = 3;
    const own = look();
    delete process.env._X_AMZN_TRACE_ID;
    console.log(JSON.stringify({ before, first, second, own, after: look() }));
  `);
  const none = [null, false, 0, null];
  expect(seen).toEqual({
    before: none,
    first: ['Root=1', true, 1, 'Root=1'],
    second: ['Root=2', true, 1, 'Root=2'],
    own: ['3', true, 1, '3'],
    after: none,
  });
});

test('its value from the start of the process stays until the first invocation', () => {
  expect(
    run(
      `const before = process.env._X_AMZN_TRACE_ID; setTrace('Root=1'); console.log(JSON.stringify([before, process.env._X_AMZN_TRACE_ID]));`,
      { _X_AMZN_TRACE_ID: 'Root=0' },
    ),
  ).toEqual(['Root=0', 'Root=1']);
});

test('child processes get the variable, and all other variables are real ones: a time zone takes effect', () => {
  const seen = run(
    `
    import { execFileSync } from 'node:child_process';
    setTrace('Root=1');
    process.env.GREETING = 'hello';
    process.env.TZ = 'Asia/Tokyo';
    delete process.env.LEFTOVER;
    const child = execFileSync(process.execPath, ['-p', 'JSON.stringify([process.env._X_AMZN_TRACE_ID, process.env.GREETING, process.env.LEFTOVER])'], { encoding: 'utf8' });
    console.log(JSON.stringify({ child: JSON.parse(child), hour: new Date(0).getHours(), greeting: process.env.GREETING, absent: process.env.ABSENT }));
  `,
    { LEFTOVER: 'yes', TZ: 'UTC' },
  );
  expect(seen).toEqual({ child: ['Root=1', 'hello', null], hour: 9, greeting: 'hello' });
});

test('its values do not leak: 300,000 of them, 57 MB as real variables, take no memory', () => {
  const grownMb = run(`
    const value = (count) => 'Root=1-67000000-' + String(count).padStart(24, '0') + ';Parent=0123456789abcdef;Sampled=0';
    for (let count = 0; count < 20_000; count += 1) setTrace(value(count));
    gc();
    const before = process.memoryUsage.rss();
    for (let count = 0; count < 300_000; count += 1) setTrace(value(count));
    gc();
    console.log((process.memoryUsage.rss() - before) / 2 ** 20);
  `);
  expect(grownMb).toBeLessThan(25);
});
