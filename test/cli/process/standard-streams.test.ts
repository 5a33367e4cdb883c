import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createProject } from '../../support/project.ts';

const bgfn = path.resolve(import.meta.dirname, '../../../src/cli/bgfn.ts');
const start = (cwd: string, ...args: readonly string[]) =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', bgfn, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });

const sources = {
  'netlify/functions/hello-background.mjs': `export default async () => { console.log('hello'); };`,
  'netlify/functions/fails-background.mjs': `export default async () => { throw new Error('no'); };\nexport const config = { retry: { maxAttempts: 1 } };`,
};

test('a command whose reader has gone away ends silently', async () => {
  await using site = await createProject(sources);
  const command = start(site.directory, 'list');
  command.stdout.destroy();
  const [said, [code]] = await Promise.all([text(command.stderr), once(command, 'close')]);
  expect({ said, code }).toEqual({ said: '', code: 0 });
});

test('a runtime keeps running when nobody reads its output, and `invoke --wait` still returns its exit code', async () => {
  await using site = await createProject(sources);
  await site.build();
  const server = start(site.directory, 'serve', '--port', '0', '--admin-port', 'off');
  try {
    let printed = '';
    for await (const chunk of server.stderr) {
      printed += String(chunk);
      if (printed.includes('fails-background  ')) break;
    }
    server.stdout.destroy();
    server.stderr.destroy();
    const [url = ''] = /http:\/\/[\d.:]+/.exec(printed) ?? [];
    for (const [name, expected] of [
      ['hello-background', 0],
      ['fails-background', 1],
    ] as const) {
      const invoke = start(site.directory, 'invoke', name, '--wait', '--url', url);
      invoke.stdout.destroy();
      invoke.stderr.resume();
      expect([name, await once(invoke, 'close')]).toEqual([name, [expected, null]]);
    }
    // The runtime writes to stderr that it stops.
    server.kill('SIGTERM');
    expect(await once(server, 'close')).toEqual([0, null]);
  } finally {
    server.kill('SIGKILL');
  }
});
