import { randomBytes } from 'node:crypto';
import type { WorkerOutput } from '../output/worker-output.ts';
import type { RunnableFunction } from '../worker.ts';
import { childCommand } from './child-command.ts';
import { ProcessGroup, type ProcessGroupOptions } from './process-group.ts';
import type { WorkerSettings } from './worker-settings.ts';

interface WorkerStart extends Pick<ProcessGroupOptions, 'onExit' | 'onNotStarted'> {
  readonly settings: WorkerSettings;
  /** `host:port` of the worker's Runtime API. */
  readonly runtimeApi: string;
  readonly output: WorkerOutput;
}

/**
 * Starts the process of a worker, in a group of its own. Returns `undefined` when `spawn` throws,
 * after `onNotStarted` was called with the error.
 */
export function startProcessGroup(
  fn: RunnableFunction,
  { settings, runtimeApi, output, onExit, onNotStarted }: WorkerStart,
): ProcessGroup | undefined {
  // The log stream name of the worker. Every process that the worker starts inherits the name in
  // its environment, and is found by the name when it has left the process group.
  const mark = `${settings.mark}${randomBytes(8).toString('hex')}`;
  const command = childCommand(fn, {
    runtimeApi,
    logStreamName: mark,
    nodeExecutable: settings.nodeExecutable,
  });
  try {
    return new ProcessGroup({
      command,
      directory: fn.directory,
      mark,
      guard: settings.guard,
      output,
      onExit,
      onNotStarted,
    });
  } catch (error) {
    onNotStarted(error);
    return undefined;
  }
}
