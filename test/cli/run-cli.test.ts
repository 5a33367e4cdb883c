import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import { BgfnError } from '../../src/diagnostic/bgfn-error.ts';

let stdout = '';
let stderr = '';

beforeEach(() => {
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

function run(action: () => void | Promise<void>, ...flags: string[]): Promise<number> {
  const inner = new Command('inner').option('--json').option('--port <number>').action(action);
  return runCli(new Command('outer').addCommand(inner), ['node', 'outer', 'inner', ...flags]);
}

describe('runCli', () => {
  test('returns 0 for a command that succeeds, or the code that the command set', async () => {
    expect(await run(() => undefined)).toBe(0);
    expect(
      await run(() => {
        process.exitCode = 130;
      }),
    ).toBe(130);
  });

  test.each([
    ['failed', 1],
    ['config', 2],
    ['usage', 2],
  ] as const)(
    'shows a BgfnError of kind %s with its hint and without a stack, and gives %i',
    async (kind, code) => {
      expect(
        await run(() => {
          throw new BgfnError('BUILD_FAILED', 'It did not work.', { kind, hint: 'Do this.' });
        }),
      ).toBe(code);
      expect(stderr).toContain('It did not work.');
      expect(stderr).toContain('Do this.');
      expect(stderr).not.toContain('run-cli.test.ts');
      expect(stdout).toBe('');
    },
  );

  test('prints a BgfnError as one document on one line with --json', async () => {
    await run(() => {
      throw new BgfnError('BUILD_FAILED', 'It did not work.', { hint: 'Do this.' });
    }, '--json');
    expect(JSON.parse(stdout)).toEqual({
      errors: [
        { severity: 'error', code: 'BUILD_FAILED', message: 'It did not work.', hint: 'Do this.' },
      ],
    });
    expect(stdout.trimEnd()).not.toContain('\n');
  });

  test('shows the stack of any other error as a bug', async () => {
    expect(
      await run(() => {
        throw new TypeError('oops');
      }),
    ).toBe(1);
    expect(stderr).toContain('bug in bgfn');
    expect(stderr).toContain('run-cli.test.ts');
  });

  test('suggests a flag for a mistyped one of a subcommand, and returns 2', async () => {
    expect(await run(() => undefined, '--prot', '1')).toBe(2);
    expect(stderr).toContain('Did you mean --port?');
  });
});
