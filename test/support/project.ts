import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFailed } from 'vitest';
import { type Command, runCommand, startCommand } from './command.ts';

/** A temporary directory with a site in it, removed at disposal. */
export class Project implements AsyncDisposable {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  path(...parts: readonly string[]): string {
    return path.join(this.directory, ...parts);
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(this.path(file)), { recursive: true });
      await writeFile(this.path(file), text);
    }
  }

  /**
   * Runs `bgfn-build` to its end.
   *
   * @returns Everything that the build printed
   * @throws {Error} With everything that the build printed, when it fails.
   */
  async build(args: readonly string[] = []): Promise<string> {
    const built = await runCommand('bgfn-build', ['--no-cache', ...args], { cwd: this.directory });
    if (built.code !== 0) throw new Error(`bgfn-build ended with ${built.code}:\n${built.output}`);
    return built.output;
  }

  serve(args: readonly string[] = []): Promise<Server> {
    return Server.start(args, this.directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Creates a project with these files. */
export async function createProject(
  files: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const project = new Project(await mkdtemp(path.join(await realpath(tmpdir()), 'bgfn-e2e-')));
  await project.write(files);
  return project;
}

/**
 * Prints the output of the command from this point on if the test fails. Does nothing outside a
 * test, for example in a hook.
 */
export function showOnFailure(command: Command): void {
  if (expect.getState().currentTestName === undefined) return;
  const from = command.lines.length;
  onTestFailed(() => {
    process.stderr.write(`--- bgfn serve printed:\n${command.lines.slice(from).join('\n')}\n---\n`);
  });
}

/** A running `bgfn serve` on a free port. */
export class Server implements AsyncDisposable {
  readonly command: Command;
  readonly url: string;

  private constructor(command: Command, url: string) {
    this.command = command;
    this.url = url;
  }

  /** Starts the server and resolves once its address is printed. */
  static async start(
    args: readonly string[],
    cwd: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Server> {
    const command = startCommand('bgfn', ['serve', ...args, '--port', '0'], { cwd, environment });
    showOnFailure(command);
    try {
      const [, url = ''] = await command.line(/(http:\/\/127\.0\.0\.1:\d+)/);
      return new Server(command, url);
    } catch (error) {
      await command[Symbol.asyncDispose]();
      throw error;
    }
  }

  endpoint(name: string): string {
    return `${this.url}/.netlify/functions/${name}`;
  }

  /**
   * Calls a background function.
   *
   * @returns The id of the accepted invocation
   * @throws {Error} Unless the response is 202 with an empty body.
   */
  async call(
    name: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const response = await fetch(this.endpoint(name), {
      method: 'POST',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const id = response.headers.get('x-nf-request-id');
    if (response.status !== 202 || text !== '' || id === null) {
      throw new Error(`${name} answered ${response.status} ${text}`);
    }
    return id;
  }

  /** Stops the server with SIGTERM. Resolves to the exit code. */
  async stop(): Promise<number | null> {
    this.command.kill('SIGTERM');
    const { code } = await this.command.exited;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]();
  }
}
