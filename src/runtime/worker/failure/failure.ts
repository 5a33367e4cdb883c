import { existsSync } from 'node:fs';
import { messageOf } from '../../../diagnostic/system-error.ts';
import type { RunFailure, RunnableFunction } from '../worker.ts';

/** How a worker's process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of the process's output on stderr. */
  readonly stderrTail: string;
  /** Whether the kernel killed any process for lack of memory while this process ran. */
  readonly oomKillerRan: boolean;
}

const heapExhausted =
  /JavaScript heap out of memory|Reached heap limit|^fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory)/m;

/**
 * Returns the failure of an attempt whose worker ended by itself. Error types have the names of AWS
 * Lambda where Lambda has a name.
 */
export function failureOfExit(
  end: ProcessEnd,
  phase: 'init' | 'run',
  memoryMb: number,
): RunFailure {
  const how = end.signal === null ? `exited with code ${end.code}` : `was ended by ${end.signal}`;
  if (ranOutOfMemory(end)) {
    return {
      reason: 'out-of-memory',
      type: 'Runtime.OutOfMemory',
      message: `The function ran out of memory (${memoryMb} MB): its process ${how}.`,
    };
  }
  const stack = end.stderrTail.trim();
  if (phase === 'init') {
    return {
      reason: 'init',
      type: 'Runtime.ExitError',
      message: `The function's process ${how} before it was ready for an invocation.`,
      stack: stack === '' ? undefined : stack,
    };
  }
  return {
    reason: 'crash',
    type: 'Runtime.ExitError',
    message: `The function's process ${how} before the handler had finished.`,
  };
}

function ranOutOfMemory(end: ProcessEnd): boolean {
  const byItself = endedByAbort(end) && heapExhausted.test(end.stderrTail);
  const byKernel = end.signal === 'SIGKILL' && end.oomKillerRan;
  return byItself || byKernel;
}

/**
 * Whether the process ended as it does when memory runs out: V8 aborts (a shell turns SIGABRT into
 * code 134) and Go exits with 2. A function that only prints the words of `heapExhausted` and ends
 * in another way has not run out of memory.
 */
function endedByAbort({ code, signal }: ProcessEnd): boolean {
  return signal !== null || code === 134 || code === 2;
}

/** Returns the failure of an attempt that was killed at its deadline. */
export function failureOfTimeout(timeoutMs: number): RunFailure {
  return {
    reason: 'timeout',
    type: 'Sandbox.Timedout',
    message: `The function timed out after ${seconds(timeoutMs)}.`,
  };
}

/**
 * Returns the failure of an attempt that was killed because its function used far more memory than
 * it may.
 */
export function failureOfMemory(usedMb: number, memoryMb: number): RunFailure {
  return {
    reason: 'out-of-memory',
    type: 'Runtime.OutOfMemory',
    message: `The function ran out of memory: it used ${usedMb} MB and has ${memoryMb} MB.`,
  };
}

/** Returns the failure of a worker that did not ask for its first invocation in time. */
export function failureOfSlowInit(initTimeoutMs: number): RunFailure {
  return {
    reason: 'init',
    type: 'Runtime.InitTimeout',
    message: `The function was not ready after ${seconds(initTimeoutMs)}: its module is still loading.`,
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} seconds`;
}

/** Returns the failure of a worker whose process could not be started. */
export function failureOfSpawn(error: unknown, fn: RunnableFunction): RunFailure {
  const message = messageOf(error);
  return {
    reason: 'init',
    type: 'Runtime.SpawnError',
    message: `The function's process could not be started: ${message}.${spawnHint(message, fn)}`,
  };
}

function spawnHint(message: string, { directory, runtime }: RunnableFunction): string {
  if (!existsSync(directory)) return ` Its directory ${directory} is gone: deploy it again.`;
  if (runtime === 'go' && /EACCES|ENOEXEC|ENOENT/.test(message)) {
    return ' Is it executable, and built for this machine?';
  }
  return '';
}

const shortageCodes = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

/**
 * Whether a worker could not be started because the machine, or this process, is at a limit. The
 * function is not to blame then.
 */
export function isShortage(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    shortageCodes.has(error.code)
  );
}

/** Returns the failure of a function that was built for another machine. */
export function failureOfMachine(message: string): RunFailure {
  return { reason: 'init', type: 'Runtime.WrongMachine', message };
}
