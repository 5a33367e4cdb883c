import { spawn, type ChildProcess } from 'node:child_process';
import type { WorkerOutput } from '../output/worker-output.ts';
import type { ChildCommand } from './child-command.ts';
import { killMarked } from './descendants.ts';
import type { OrphanGuard } from './orphan-guard.ts';

export interface ProcessGroupOptions {
  readonly command: ChildCommand;
  readonly directory: string;
  /**
   * A text in the environment of the child, which every process that it starts inherits. It
   * identifies processes that have left the group.
   */
  readonly mark: string;
  readonly guard: OrphanGuard;
  readonly output: WorkerOutput;
  readonly onExit: (code: number | null, signal: NodeJS.Signals | null) => void;
  /** Called instead of `onExit` when there was no process to start. */
  readonly onNotStarted: (error: unknown) => void;
}

/**
 * A child process and the processes that it starts, in a process group of their own. The guard
 * kills the group when bgfn itself is killed.
 */
export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #mark: string;
  readonly #guard: OrphanGuard;

  /** @throws {Error} The error of `spawn`. Errors that `spawn` reports later go to `onNotStarted`. */
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
    // Without a pid there may be no pipes, although their types are not nullable. The error event
    // follows.
    if (child.pid === undefined) return;
    guard.add(child.pid);
    output.read('stdout', child.stdout);
    output.read('stderr', child.stderr);
    child.once('exit', onExit);
  }

  /** The id of the child process and of the group; `undefined` if the child could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a signal to every process in the group. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // ESRCH: nobody is left in the group.
    }
  }

  /** Kills the processes that the child has left behind, inside and outside its group. */
  async killRest(): Promise<void> {
    this.signal('SIGKILL');
    if (this.pid !== undefined) await killMarked(this.#mark);
  }

  /**
   * Closes the pipes and removes the group from the guard. Is called when no process is left and
   * the output was read.
   */
  close(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    if (this.pid !== undefined) this.#guard.remove(this.pid);
  }
}
