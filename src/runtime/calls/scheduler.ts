import { Cron } from 'croner';
import { messageOf } from '../../diagnostic/system-error.ts';
import type { LoadedFunction } from '../load/load-functions.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Clock } from '../platform/clock.ts';
import type { BackgroundCalls } from './background-calls.ts';
import type { IncomingCall } from './event.ts';

/** The user agent of a scheduled call (CONTRACT of the platform). */
const clockworkUserAgent = 'Netlify Clockwork';
/**
 * A timer counts the time that passes, a schedule means the clock on the wall. That one can be set,
 * and goes on while a machine sleeps: it is looked at this often, ms. No finer than a schedule is.
 */
const longestTimerMs = 60_000;

export interface SchedulerOptions {
  readonly clock: Pick<Clock, 'nowMs' | 'after'>;
  readonly background: BackgroundCalls;
  readonly logs: LogSink;
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
 * Every run is one invocation in the queue, also of a sync function, so that it survives a restart
 * and several runtimes on one store make one run of it: its idempotency key is the minute it was
 * due. A run that fell due while no runtime was up is not made up for, as on Netlify. When the
 * clock is set back, what is due until it has caught up runs too, unless it ran before.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  let pending: (() => void)[] = [];

  const plan = (fn: LoadedFunction, cron: Cron, slot: number, afterMs: number): void => {
    const due = cron.nextRun(new Date(afterMs));
    const wait = (dueMs: number): void => {
      const waitMs = Math.max(dueMs - options.clock.nowMs(), 0);
      pending[slot] = options.clock.after(Math.min(waitMs, longestTimerMs), () => look(dueMs));
    };
    const look = (dueMs: number): void => {
      const nowMs = options.clock.nowMs();
      if (nowMs >= dueMs) fire(fn, cron, new Date(dueMs), options);
      if (nowMs >= dueMs || nowMs < afterMs) plan(fn, cron, slot, nowMs);
      else wait(dueMs);
    };
    if (due !== null) wait(due.getTime());
  };

  const stop = (): void => {
    for (const cancel of pending) cancel();
    pending = [];
  };

  return {
    use(functions) {
      stop();
      for (const fn of functions) {
        const cron = cronOf(fn, options.logs);
        if (cron === undefined) continue;
        pending.push(() => {});
        plan(fn, cron, pending.length - 1, options.clock.nowMs());
      }
    },
    stop,
  };
}

/**
 * What a scheduled call looks like to its function: POST, `{"next_run": …}`, the time of the run
 * after this one.
 */
export function scheduledCall(
  fn: LoadedFunction,
  origin: string,
  clientIp: string,
  nextRun: Date | null,
): IncomingCall {
  return {
    method: 'POST',
    origin,
    path: fn.manifest.endpoint,
    query: '',
    rawHeaders: ['user-agent', clockworkUserAgent, 'content-type', 'application/json'],
    body: Buffer.from(JSON.stringify({ next_run: nextRun?.toISOString() ?? null })),
    clientIp,
  };
}

/** When a schedule is due next after `afterMs`; `null` when never again or when it is not one. */
export function nextRunOf(schedule: string, afterMs: number): Date | null {
  try {
    return parseCron(schedule).nextRun(new Date(afterMs));
  } catch {
    return null;
  }
}

function fire(fn: LoadedFunction, cron: Cron, due: Date, options: SchedulerOptions): void {
  const call = scheduledCall(fn, options.origin, '127.0.0.1', cron.nextRun(due));
  options.background
    .accept(fn, call, { nfEvent: 'schedule' }, `schedule:${due.toISOString()}`)
    .catch((error: unknown) => {
      options.logs.platform({
        level: 'error',
        functionName: fn.name,
        text: `The run of ${fn.name} due at ${due.toISOString()} could not be stored and is left out: ${messageOf(error)}`,
      });
    });
}

function cronOf(fn: LoadedFunction, logs: LogSink): Cron | undefined {
  if (fn.manifest.schedule === undefined) return undefined;
  try {
    return parseCron(fn.manifest.schedule);
  } catch (error) {
    logs.platform({
      level: 'error',
      functionName: fn.name,
      text: `The schedule ${JSON.stringify(fn.manifest.schedule)} of ${fn.name} is not a cron expression, so it never runs: ${messageOf(error)}`,
    });
    return undefined;
  }
}

/**
 * Five fields or an alias such as @daily; no function to call, so croner starts no timer of its
 * own.
 */
function parseCron(schedule: string): Cron {
  return new Cron(schedule, { timezone: 'UTC', mode: '5-part' });
}
