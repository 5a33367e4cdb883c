import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryProject } from '../../builder/support/temporary-project.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../../src/cli/bgfn.ts', import.meta.url));
const site = {
  'netlify/functions/mail-background.ts': 'export default () => {};\n',
  'netlify/functions/hourly.ts': `export default () => {};\nexport const config = { schedule: '@hourly' };\n`,
};

test('list shows each function with its mode, path and trigger', async () => {
  await using project = await temporaryProject(site);
  const { stdout } = await run(process.execPath, [command, 'list'], {
    cwd: project.directory,
    env: { ...process.env, NO_COLOR: '1' },
  });
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['function', 'mode', 'timeout', 'path', 'triggered by', 'file'],
    [
      'hourly',
      'sync',
      expect.any(String),
      '/.netlify/functions/hourly',
      'schedule @hourly',
      'netlify/functions/hourly.ts',
    ],
    [
      'mail-background',
      'background',
      '900 s',
      '/.netlify/functions/mail-background',
      'request',
      'netlify/functions/mail-background.ts',
    ],
    [''],
  ]);
});

test('list prints one document with --json, errors of single functions included, and exits 1 for them', async () => {
  await using project = await temporaryProject({
    ...site,
    'netlify/functions/wrong.ts': `export default () => {};\nexport const config = { timeout: 'long' };\n`,
  });
  const failure: unknown = await run(process.execPath, [command, 'list', '--json'], {
    cwd: project.directory,
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 1, stdout: expect.any(String) });
  const document = JSON.parse((failure as { stdout: string }).stdout);
  expect(document.functions.map(({ name }: { name: string }) => name)).toEqual([
    'hourly',
    'mail-background',
  ]);
  expect(document.errors).toMatchObject([{ functionName: 'wrong', severity: 'error' }]);
});
