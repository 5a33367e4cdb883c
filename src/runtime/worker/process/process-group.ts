import { spawn, type ChildProcess } from 'node:child_process';
import type { WorkerOutput } from '../output/worker-output.ts';
import type { ChildCommand } from './child-command.ts';
import { killMarked } from './descendants.ts';
import type { Guard } from './orphan-guard.ts';

export interface ProcessGroupOptions {
  readonly command: ChildCommand;
  readonly directory: string;
  /** In the environment of its processes, those that have left the group included. */
  readonly mark: string;
  readonly guard: Guard;
  readonly output: WorkerOutput;
  readonly onExit: (code: number | null, signal: NodeJS.Signals | null) => void;
  /** There is no process, and there will be no exit. */
  readonly onNotStarted: (error: unknown) => void;
}

/**
 * A child process and what it starts: a process group of its own, which the guard kills when we are
 * killed.
 */
export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #mark: string;
  readonly #guard: Guard;

  /** @throws What `spawn` throws; what it finds out later is given to `onNotStarted`. */
  constructor({
    command,
    directory,
    mark,
    guard,
    output,
    onExit,
    onNotStarted,
  }: ProcessGroupOptions) {
    this.#mark = mark;
    this.#guard = guard;
    const { file, args, environment } = command;
    const child = spawn(file, args, {
      cwd: directory,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.on('error', (error) => {
      if (child.pid === undefined) onNotStarted(error);
    });
    // Without a process there may be no pipes either, whatever their types say; the error event comes next.
    if (child.pid === undefined) return;
    guard.add(child.pid);
    output.read('stdout', child.stdout);
    output.read('stderr', child.stderr);
    child.once('exit', onExit);
  }

  /** Of the child, and of the group; `undefined` when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends it to every process in the group. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // ESRCH: nobody is left in the group.
    }
  }

  /** Kills what the child has left behind, in its group and out of it. */
  async killRest(): Promise<void> {
    this.signal('SIGKILL');
    if (this.pid !== undefined) await killMarked(this.#mark);
  }

  /** Once nothing is left of it, and its output has been read. */
  close(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    if (this.pid !== undefined) this.#guard.remove(this.pid);
  }
}
