import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

const repository = path.resolve(import.meta.dirname, '../e2e', '..', '..');

/** The commands are run from source, with the Node that runs the tests. */
const sources = { bgfn: 'src/cli/bgfn.ts', 'bgfn-build': 'src/cli/bgfn-build.ts' } as const;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A running process whose output lines can be waited for. A wait ends with the line or with the end
 * of the process, without sleeping or polling. Disposing of a command kills its process group, so
 * that no worker outlives a failed test.
 */
export class Command implements AsyncDisposable {
  /** Lines of stdout and stderr in the order of their arrival. */
  readonly lines: string[] = [];
  readonly exited: Promise<Exit>;
  #stdout = '';
  readonly #child: ChildProcess;
  readonly #waiters = new Set<() => void>();
  #exit: Exit | undefined;

  constructor(file: string, args: readonly string[], options: CommandOptions) {
    this.#child = spawn(file, args, {
      cwd: options.cwd,
      env: {
        ...process.env,
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
        NODE_OPTIONS: undefined,
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('the output is not piped');
    stdout.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    for (const stream of [stdout, stderr]) {
      createInterface(stream).on('line', (line) => this.#take(line));
    }
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        this.#exit = { code, signal };
        this.#wake();
        resolve(this.#exit);
      });
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get output(): string {
    return this.lines.join('\n');
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the process did not start');
    return this.#child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /**
   * The first line that matches, already printed or still to come, from line number `from` on.
   * Rejects when the process ends without such a line.
   */
  async line(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (let next = from; ; next += 1) {
      while (next >= this.lines.length) {
        if (this.#exit !== undefined) {
          throw new Error(
            `The process ended (${JSON.stringify(this.#exit)}) without a line ${pattern}:\n${this.output}`,
          );
        }
        await new Promise<void>((resolve) => this.#waiters.add(resolve));
      }
      const match = pattern.exec(this.lines[next]!);
      if (match !== null) return match;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exit === undefined) {
      try {
        process.kill(-this.pid, 'SIGKILL');
      } catch {
        // The process has ended meanwhile.
      }
    }
    await this.exited;
  }

  #take(line: string): void {
    this.lines.push(line);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }
}

/** Starts one of our commands from source. */
export function startCommand(
  name: keyof typeof sources,
  args: readonly string[],
  options: CommandOptions,
): Command {
  return new Command(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path.join(repository, sources[name]), ...args],
    options,
  );
}

/** Runs one of our commands to its end. */
export async function runCommand(
  name: keyof typeof sources,
  args: readonly string[],
  options: CommandOptions,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly output: string }> {
  await using command = startCommand(name, args, options);
  const { code } = await command.exited;
  return { code, stdout: command.stdout, output: command.output };
}
