import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { oldNodeMessage } from '../../../src/cli/process/node-version.ts';
import { parseManifest } from '../../../src/manifest/read.ts';
import { temporaryProject } from '../../builder/support/temporary-project.ts';

const command = fileURLToPath(new URL('../../../src/cli/bgfn-build.ts', import.meta.url));
const hello = { 'netlify/functions/hello-background.mts': 'export default async () => {};\n' };

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function bgfnBuild(
  cwd: string,
  arguments_: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [command, ...arguments_], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

describe('bgfn-build', () => {
  test('shows a table on stderr, nothing on stdout, and exits 0', async () => {
    await using project = await temporaryProject(hello);
    const { code, stdout, stderr } = await bgfnBuild(project.directory);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const lines = stripVTControlCharacters(stderr).split('\n');
    expect(lines[0]).toMatch(/^built hello-background in /);
    expect(lines[1]).toMatch(/^function +mode +runtime +bundler +size +time$/);
    expect(lines[2]).toMatch(
      /^hello-background +background +nodejs2[24]\.x +esbuild +\d+\.\d KB +\d/,
    );
    expect(lines.at(-2)).toMatch(/1 function, .* → \.netlify\/functions$/);
  });

  test('prints the manifest and the warnings as one document with --json', async () => {
    await using project = await temporaryProject(hello);
    const { stdout } = await bgfnBuild(project.directory, ['--json', '--quiet', '--out', 'dist/f']);
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(['manifest', 'warnings']);
    expect(parseManifest(JSON.stringify(document.manifest), 'stdout').functions[0]?.path).toBe(
      'dist/f/hello-background.zip',
    );
  });

  test('prints nothing with --quiet', async () => {
    await using project = await temporaryProject(hello);
    expect(await bgfnBuild(project.directory, ['--quiet'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  test('honours NO_COLOR and FORCE_COLOR', async () => {
    await using project = await temporaryProject(hello);
    const plain = await bgfnBuild(project.directory, [], { NO_COLOR: '1', FORCE_COLOR: undefined });
    expect(plain.stderr).toBe(stripVTControlCharacters(plain.stderr));
    const coloured = await bgfnBuild(project.directory, [], {
      NO_COLOR: undefined,
      FORCE_COLOR: '1',
    });
    expect(coloured.stderr).not.toBe(stripVTControlCharacters(coloured.stderr));
  });

  test('shows every failing function with its code frame, no stack of bgfn, and exits 1', async () => {
    await using project = await temporaryProject({
      ...hello,
      'netlify/functions/a.ts': 'export default () => {\n',
      'netlify/functions/b.ts': `import 'not-installed';\nexport default () => {};\n`,
    });
    const { code, stdout, stderr } = await bgfnBuild(project.directory);
    const shown = stripVTControlCharacters(stderr);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(shown).toContain('at netlify/functions/a.ts:');
    expect(shown).toContain('at netlify/functions/b.ts:1:');
    expect(shown).toContain("> 1 | import 'not-installed';");
    expect(shown).toMatch(/error The build failed: 2 errors\./);
    expect(shown).not.toMatch(/\n\s+at .*(?:src|dist)\//);
  });

  test('prints the errors as one document with --json', async () => {
    await using project = await temporaryProject({
      'netlify/functions/b.ts': `import 'not-installed';\nexport default () => {};\n`,
    });
    const { code, stdout } = await bgfnBuild(project.directory, ['--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      errors: [
        {
          severity: 'error',
          functionName: 'b',
          message: expect.any(String),
          location: { line: 1 },
        },
      ],
    });
  });

  test.each([
    ['a mistyped flag', ['--jsn'], 'Did you mean --json?'],
    ['a flag without its value', ['--out'], 'argument missing'],
    ['a functions directory that does not exist', ['nowhere'], 'nowhere does not exist'],
    ['a configuration file that does not exist', ['--config', 'no.toml'], 'no.toml does not exist'],
  ])('exits 2 for %s', async (_what, flags, message) => {
    await using project = await temporaryProject(hello);
    const { code, stdout, stderr } = await bgfnBuild(project.directory, flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('shows the content of each artifact with --analyze and writes the page beside the artifacts', async () => {
    await using project = await temporaryProject(hello);
    const { stderr } = await bgfnBuild(project.directory, ['--analyze']);
    expect(stripVTControlCharacters(stderr)).toMatch(
      /part +size +in the zip +why\n(?:.*\n)*netlify\/functions\/hello-background\.mts .* the function/,
    );
    expect(await readFile(project.path('.netlify/functions/analyze.html'), 'utf8')).toContain(
      'hello-background',
    );
  });

  test('builds on every change with --watch, one JSON document a line, until an interrupt ends it with 130', async () => {
    await using project = await temporaryProject(hello);
    const child = spawn(process.execPath, [command, '--watch', '--json', '--quiet'], {
      cwd: project.directory,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const nextNames = async (): Promise<string[]> =>
      JSON.parse(String((await lines.next()).value)).manifest.functions.map(
        ({ name }: { name: string }) => name,
      );
    expect(await nextNames()).toEqual(['hello-background']);
    await project.write({ 'netlify/functions/ping.ts': 'export default () => {};\n' });
    expect(await nextNames()).toEqual(['hello-background', 'ping']);
    child.kill('SIGINT');
    expect(await exited).toEqual([130, null]);
  });

  test('refuses --watch together with --analyze', async () => {
    await using project = await temporaryProject(hello);
    expect(await bgfnBuild(project.directory, ['--watch', '--analyze'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot be used with'),
    });
  });

  test('exits 0 for --help, which goes to stdout', async () => {
    await using project = await temporaryProject();
    const { code, stdout } = await bgfnBuild(project.directory, ['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: bgfn-build [options] [dir...]');
  });

  test('builds several directories, the later one winning', async () => {
    await using project = await temporaryProject({
      'one/a.ts': 'export default () => {};',
      'two/b.ts': 'export default () => {};',
    });
    const { stdout } = await bgfnBuild(project.directory, ['one', 'two', '--json', '-q']);
    expect(
      JSON.parse(stdout).manifest.functions.map(({ mainFile }: { mainFile: string }) => mainFile),
    ).toEqual(['one/a.ts', 'two/b.ts']);
  });
});

test.each([
  ['20.18.1', /needs Node 22\.14 or newer; this is Node 20\.18\.1/],
  ['22.13.9', /this is Node 22\.13\.9/],
])('a too old Node %s is told so in one line', (version, message) => {
  expect(oldNodeMessage(version)).toMatch(message);
  expect(oldNodeMessage(version)).not.toContain('\n');
});

test.each(['22.14.0', '24.0.0', '25.1.0'])('Node %s is new enough', (version) => {
  expect(oldNodeMessage(version)).toBeUndefined();
});
