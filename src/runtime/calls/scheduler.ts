import type { Cron } from 'croner';
import { messageOf } from '../../diagnostic/system-error.ts';
import type { LoadedFunction } from '../load/load-functions.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Clock } from '../platform/clock.ts';
import type { BackgroundCalls } from './background-calls.ts';
import { parseCron } from './cron.ts';
import { scheduledCall, scheduleSource } from './scheduled-call.ts';

/**
 * The longest timer, ms: after it the wall clock is compared again. A timer counts elapsed time,
 * but a schedule refers to the wall clock, which can be set and which goes on while a machine
 * sleeps. One minute is also the resolution of a schedule.
 */
const longestTimerMs = 60_000;

export interface SchedulerOptions {
  readonly clock: Pick<Clock, 'nowMs' | 'after'>;
  readonly background: BackgroundCalls;
  readonly logs: Pick<LogSink, 'platform'>;
  /** The address in the event's `rawUrl`. */
  readonly origin: string;
}

/** Turns cron schedules (UTC, as on Netlify) into invocations. */
export interface Scheduler {
  /** Replaces every schedule by those of `functions`. */
  use(functions: readonly LoadedFunction[]): void;
  stop(): void;
}

/**
 * Creates a scheduler. Every run is one invocation in the queue, also for a sync function, so that
 * the run survives a restart. Several runtimes on one store create one invocation for a run,
 * because its idempotency key is the minute in which it was due. A run that fell due while no
 * runtime was up is skipped, as on Netlify. If the clock is set back, the times that the clock
 * passes again are scheduled again; the idempotency key keeps a run from being made twice.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  let stops: readonly (() => void)[] = [];
  const stop = (): void => {
    for (const stopOne of stops) stopOne();
    stops = [];
  };
  return {
    use(functions) {
      stop();
      stops = functions.flatMap((fn) => {
        const cron = cronOf(fn, options.logs);
        return cron === undefined ? [] : [followSchedule(fn, cron, options)];
      });
    },
    stop,
  };
}

/** Enqueues every run of a schedule from now on, until the returned function is called. */
function followSchedule(fn: LoadedFunction, cron: Cron, options: SchedulerOptions): () => void {
  const { clock } = options;
  let cancelTimer: (() => void) | undefined;

  const planNextRun = (afterMs: number): void => {
    const due = cron.nextRun(new Date(afterMs));
    if (due !== null) waitFor(due, afterMs);
  };
  const waitFor = (due: Date, plannedAtMs: number): void => {
    const waitMs = Math.max(due.getTime() - clock.nowMs(), 0);
    cancelTimer = clock.after(Math.min(waitMs, longestTimerMs), () => check(due, plannedAtMs));
  };
  const check = (due: Date, plannedAtMs: number): void => {
    const nowMs = clock.nowMs();
    const isDue = nowMs >= due.getTime();
    const wasSetBack = nowMs < plannedAtMs;
    if (isDue) enqueueRun(fn, cron, due, options);
    if (isDue || wasSetBack) planNextRun(nowMs);
    else waitFor(due, plannedAtMs);
  };

  planNextRun(clock.nowMs());
  return () => cancelTimer?.();
}

function enqueueRun(fn: LoadedFunction, cron: Cron, due: Date, options: SchedulerOptions): void {
  const { background, logs, origin } = options;
  const call = scheduledCall(fn, { origin, clientIp: '127.0.0.1', nextRun: cron.nextRun(due) });
  const idempotencyKey = `schedule:${due.toISOString()}`;
  background
    .enqueue(fn, call, { source: scheduleSource, idempotencyKey })
    .catch((error: unknown) => {
      logs.platform({
        level: 'error',
        functionName: fn.name,
        text:
          `The run of ${fn.name} due at ${due.toISOString()} could not be stored ` +
          `and is left out: ${messageOf(error)}`,
      });
    });
}

/** The parsed schedule of a function, if it has one. A schedule that is not valid is reported. */
function cronOf(fn: LoadedFunction, logs: Pick<LogSink, 'platform'>): Cron | undefined {
  if (fn.manifest.schedule === undefined) return undefined;
  try {
    return parseCron(fn.manifest.schedule);
  } catch (error) {
    logs.platform({
      level: 'error',
      functionName: fn.name,
      text:
        `The schedule ${JSON.stringify(fn.manifest.schedule)} of ${fn.name} is not a cron ` +
        `expression, so it never runs: ${messageOf(error)}`,
    });
    return undefined;
  }
}
