import { existsSync } from 'node:fs';
import { messageOf } from '../../../diagnostic/system-error.ts';
import type { RunFailure, RunnableFunction } from '../worker.ts';
import { withoutOwnFrames } from './own-frames.ts';

/** How a worker's process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Its last output on stderr. */
  readonly stderrTail: string;
  /** The kernel killed something for want of memory while it ran. */
  readonly oomKillerRan: boolean;
}

const heapExhausted =
  /JavaScript heap out of memory|Reached heap limit|^fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory)/m;

/**
 * The failure of an attempt whose worker ended by itself. Type names are the ones AWS Lambda uses
 * where it has one.
 */
export function failureOfExit(
  end: ProcessEnd,
  phase: 'init' | 'run',
  memoryMb: number,
): RunFailure {
  const how = end.signal === null ? `exited with code ${end.code}` : `was ended by ${end.signal}`;
  if (
    (diesOfHeap(end) && heapExhausted.test(end.stderrTail)) ||
    (end.signal === 'SIGKILL' && end.oomKillerRan)
  ) {
    return {
      reason: 'out-of-memory',
      type: 'Runtime.OutOfMemory',
      message: `The function ran out of memory (${memoryMb} MB): its process ${how}.`,
    };
  }
  const stack = end.stderrTail.trim();
  if (phase === 'init') {
    const message = `The function's process ${how} before it was ready for an invocation.`;
    return { reason: 'init', type: 'Runtime.ExitError', message, ...(stack !== '' && { stack }) };
  }
  return {
    reason: 'crash',
    type: 'Runtime.ExitError',
    message: `The function's process ${how} before the handler had finished.`,
  };
}

/** V8 aborts, Go exits with 2: a function that only prints those words has not died of it. */
function diesOfHeap({ code, signal }: ProcessEnd): boolean {
  return signal !== null || code === 134 || code === 2;
}

/** The failure of an attempt that was killed at its deadline. */
export function failureOfTimeout(timeoutMs: number): RunFailure {
  return {
    reason: 'timeout',
    type: 'Sandbox.Timedout',
    message: `The function timed out after ${(timeoutMs / 1000).toFixed(2)} seconds.`,
  };
}

/** The failure of an attempt that was killed for using far more memory than the function has. */
export function failureOfMemory(usedMb: number, memoryMb: number): RunFailure {
  return {
    reason: 'out-of-memory',
    type: 'Runtime.OutOfMemory',
    message: `The function ran out of memory: it used ${usedMb} MB and has ${memoryMb} MB.`,
  };
}

/** The failure of a worker that did not ask for its first invocation in time. */
export function failureOfSlowInit(initTimeoutMs: number): RunFailure {
  return {
    reason: 'init',
    type: 'Runtime.InitTimeout',
    message: `The function was not ready after ${(initTimeoutMs / 1000).toFixed(2)} seconds: its module is still loading.`,
  };
}

/** The failure of a worker that could not be started at all. */
export function failureOfSpawn(error: unknown, fn: RunnableFunction): RunFailure {
  const message = messageOf(error);
  return {
    reason: 'init',
    type: 'Runtime.SpawnError',
    message: `The function's process could not be started: ${message}.${spawnHint(message, fn)}`,
  };
}

const shortages = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

/**
 * Whether a worker could not be started because the machine (or this process) is at a limit, which
 * says nothing about the function.
 */
export function isShortage(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    shortages.has(error.code)
  );
}

/** The failure of a function that was built for another machine. */
export function failureOfMachine(message: string): RunFailure {
  return { reason: 'init', type: 'Runtime.WrongMachine', message };
}

function spawnHint(message: string, { directory, runtime }: RunnableFunction): string {
  if (!existsSync(directory)) return ` Its directory ${directory} is gone: deploy it again.`;
  if (runtime === 'go' && /EACCES|ENOEXEC|ENOENT/.test(message)) {
    return ' Is it executable, and built for this machine?';
  }
  return '';
}

/** An error document as runtimes post it: Node's (`trace`), Go's and Python's (`stackTrace`). */
export function failureOfReport(
  reason: 'error' | 'init',
  body: Uint8Array,
  typeHeader: string | undefined,
): RunFailure {
  const report = parseObject(body);
  const type = textOf(report['errorType']) ?? typeHeader ?? 'Error';
  const message =
    textOf(report['errorMessage']) ?? Buffer.from(body).toString('utf8').slice(0, 4096);
  const stack = stackOf(report['trace'] ?? report['stackTrace']);
  return { reason, type, message, ...(stack !== undefined && { stack: withoutOwnFrames(stack) }) };
}

function parseObject(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function stackOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value
    .map((frame: unknown) =>
      isRecord(frame)
        ? `    at ${textOf(frame['label']) ?? '?'} (${textOf(frame['path']) ?? '?'}:${String(frame['line'])})`
        : String(frame),
    )
    .join('\n');
}
