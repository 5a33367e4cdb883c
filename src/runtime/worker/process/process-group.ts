import { spawn, type ChildProcess } from 'node:child_process';
import type { WorkerOutput } from '../output/worker-output.ts';
import type { ChildCommand } from './child-command.ts';
import { killMarked } from './descendants.ts';
import type { OrphanGuard } from './orphan-guard.ts';

export interface ProcessGroupOptions {
  readonly command: ChildCommand;
  readonly directory: string;
  /** In the environment of every process that the child starts, also when it leaves the group. */
  readonly mark: string;
  readonly guard: OrphanGuard;
  readonly output: WorkerOutput;
  readonly onExit: (code: number | null, signal: NodeJS.Signals | null) => void;
  /** Called instead of `onExit` when there was no process to start. */
  readonly onNotStarted: (error: unknown) => void;
}

/**
 * A child process and what it starts, in a process group of its own. The guard kills the group when
 * this process is killed.
 */
export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #mark: string;
  readonly #guard: OrphanGuard;

  /** @throws {Error} What `spawn` throws. Errors that it reports later go to `onNotStarted`. */
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
    // Then there may be no pipes, whatever their types say. The error event follows.
    if (child.pid === undefined) return;
    guard.add(child.pid);
    output.read('stdout', child.stdout);
    output.read('stderr', child.stderr);
    child.once('exit', onExit);
  }

  /** Of the child and of the group; `undefined` when the child could not be started. */
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

  /** Kills the processes that the child has left behind, inside and outside of its group. */
  async killRest(): Promise<void> {
    this.signal('SIGKILL');
    if (this.pid !== undefined) await killMarked(this.#mark);
  }

  /** Lets go of the pipes and of the guard, when no process is left and the output was read. */
  close(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    if (this.pid !== undefined) this.#guard.remove(this.pid);
  }
}
