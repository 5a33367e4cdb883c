import { stripVTControlCharacters } from 'node:util';
import { vi } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import { runCli } from '../../../src/cli/run-cli.ts';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  /** The output to stdout and stderr in order, without colours. */
  readonly output: string;
}

/**
 * Runs `bgfn` with these arguments in the process of the test, in a tenth of the time of a separate
 * process. Only one call at a time, because the working directory and the streams belong to the
 * process.
 */
export async function runInProcess(args: readonly string[], cwd: string): Promise<CommandResult> {
  const argv = [process.execPath, 'bgfn', ...args];
  const before = { cwd: process.cwd(), exitCode: process.exitCode };
  const stdout: Buffer[] = [];
  const output: Buffer[] = [];
  const taking =
    (...into: readonly Buffer[][]): typeof process.stdout.write =>
    (chunk: string | Uint8Array) => {
      for (const chunks of into) chunks.push(Buffer.from(chunk));
      return true;
    };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(taking(stdout, output)),
    vi.spyOn(process.stderr, 'write').mockImplementation(taking(output)),
  ];
  process.chdir(cwd);
  process.exitCode = undefined;
  try {
    const code = await runCli(await createProgram(argv), argv);
    return { code, stdout: textIn(stdout), output: textIn(output).trimEnd() };
  } finally {
    process.chdir(before.cwd);
    process.exitCode = before.exitCode;
    for (const spy of spies) spy.mockRestore();
  }
}

function textIn(chunks: readonly Buffer[]): string {
  return stripVTControlCharacters(Buffer.concat(chunks).toString());
}
