import { expect, test } from 'vitest';
import { startCommand } from '../../support/command.ts';
import { createProject } from '../../support/project.ts';

const answer = (text: string): string => `export default async () => new Response('${text}');`;

test('bgfn dev serves its build, swaps in changed functions, and prints that it is stopping', async () => {
  await using site = await createProject({ 'netlify/functions/hello.mjs': answer('first') });
  await using command = startCommand('bgfn', ['dev', '--port', '0', '--admin-port', 'off'], {
    cwd: site.directory,
  });
  const [, url] = await command.line(/at (http:\/\/127\.0\.0\.1:\d+)$/);
  await command.line(/^hello +sync +js/);
  const hello = async (): Promise<string> =>
    (await fetch(`${url}/.netlify/functions/hello`)).text();
  expect(await hello()).toBe('first');
  const printed = command.lines.length;
  await site.write({ 'netlify/functions/hello.mjs': answer('second') });
  await command.line(/hello/, printed);
  expect(await hello()).toBe('second');
  command.kill('SIGINT');
  await command.line(/^Stopping: running work has 30 s/);
  expect(await command.exited).toEqual({ code: 0, signal: null });
});
