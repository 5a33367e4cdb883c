import type { ProcessEnd } from '../failure/failure.ts';
import { WorkerOutput } from '../output/worker-output.ts';
import { startRuntimeApi, type RuntimeApi } from '../runtime-api/runtime-api.ts';
import type { RunFailure, RunnableFunction } from '../worker.ts';
import type { Attempt } from './attempt.ts';
import { CauseOfDeath, type KillCause } from './cause-of-death.ts';
import { memoryMbOf } from './function-memory.ts';
import { MemoryWatch } from './memory-watch.ts';
import type { ProcessGroup } from './process-group.ts';
import { startProcessGroup } from './start-process-group.ts';
import type { WorkerSettings } from './worker-settings.ts';
import { WorkerTimers } from './worker-timers.ts';

/** What a worker reports to its pool. */
export interface WorkerEvents {
  /** The attempt is over and the worker can take another. */
  onFree(worker: WorkerProcess): void;
  /** The worker ended before it took the event. The attempt has not begun; the pool places it anew. */
  onReturned(attempt: Attempt): void;
  /** The process has ended. `initFailure`: why it was never ready, if the function is to blame. */
  onGone(worker: WorkerProcess, initFailure: RunFailure | undefined): void;
}

/** How long a warm worker may take to accept an event; after that it is killed as stuck. */
const takeTimeoutMs = 5000;

/**
 * How long the end of a streamed body waits for its worker to become free. A caller that calls
 * again at once then gets the same worker, and no second worker is started.
 */
const freeSoonMs = 10;

/**
 * One child process with its Runtime API listener, and the attempt that it runs.
 *
 * ```text
 * starting --> ready <--> running one attempt --> gone
 *     +----------+-----------------+---------------^ (exit, or kill for a cause)
 * ```
 */
export class WorkerProcess {
  readonly fn: RunnableFunction;
  readonly #settings: WorkerSettings;
  readonly #events: WorkerEvents;
  readonly #output: WorkerOutput;
  readonly #memory: MemoryWatch;
  readonly #death: CauseOfDeath;
  readonly #gone = Promise.withResolvers<void>();
  #group: ProcessGroup | undefined;
  #api: RuntimeApi | undefined;
  #ready = false;
  #attempt: Attempt | undefined;
  /** The result of the attempt is known; its last output is still being read. */
  #finishing = false;
  readonly #timers: WorkerTimers;

  /** Kills the worker with its process group and aborts the attempt that runs. */
  readonly abort = (): void => this.#kill('aborted');

  constructor(fn: RunnableFunction, settings: WorkerSettings, events: WorkerEvents) {
    this.fn = fn;
    this.#settings = settings;
    this.#events = events;
    this.#death = new CauseOfDeath(fn);
    this.#timers = new WorkerTimers(settings.clock);
    this.#memory = new MemoryWatch(settings.clock, memoryMbOf(fn), (usedMb) =>
      this.#usesTooMuch(usedMb),
    );
    this.#output = new WorkerOutput(settings.clock, settings.limits, (line) =>
      settings.onOutput(fn, line),
    );
    void this.#start();
  }

  /** Resolves when the process has ended. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Whether the worker ends or is about to end. An ending worker takes no more attempts. */
  get ending(): boolean {
    return this.#death.isEnding;
  }

  /** The attempt that an answer of the worker can still settle. */
  get #unsettledAttempt(): Attempt | undefined {
    return this.#finishing || this.#death.wasKilled ? undefined : this.#attempt;
  }

  /** Gives the worker an attempt. The worker must be free or starting. */
  assign(attempt: Attempt): void {
    this.#attempt = attempt;
    const { request } = attempt;
    this.#output.beginRun(request.onLog);
    request.signal?.addEventListener('abort', this.abort, { once: true });
    if (request.signal?.aborted === true) this.#kill('aborted');
    else if (this.#api !== undefined) this.#api.offer(attempt.invocation);
    // `offer` calls `onTaken` synchronously when the worker already waits for an event.
    if (!this.#ready || attempt.taken) return;
    this.#timers.limitPhase(takeTimeoutMs, () => {
      this.#killAsStuck(
        'The worker was still busy long after it had answered its last invocation: ' +
          'it was killed and another one started.',
      );
    });
  }

  /** Ends an idle worker with SIGTERM, and with SIGKILL after the grace period. */
  retire(): void {
    if (this.ending) return;
    this.#death.markEnding();
    this.#group?.signal('SIGTERM');
    this.#killAfterGrace();
  }

  async #start(): Promise<void> {
    const { initTimeoutMs } = this.#settings;
    this.#timers.limitPhase(initTimeoutMs, () => {
      this.#death.initTookTooLong(initTimeoutMs);
      this.#kill('slow-init');
    });
    try {
      this.#api = await this.#listen();
    } catch (error) {
      this.#death.spawnFailed(error);
    }
    if (this.#api !== undefined && !this.ending) this.#spawn(this.#api);
    else await this.#onExit(null, null);
  }

  #listen(): Promise<RuntimeApi> {
    const { clock } = this.#settings;
    return startRuntimeApi(clock, {
      onReady: () => {
        this.#ready = true;
        this.#timers.endPhase();
      },
      onTaken: () => this.#taken(),
      onResponse: (body) =>
        void this.#finish((attempt) => attempt.succeed(clock.nowMs(), { kind: 'buffered', body })),
      onStream: (response) => this.#unsettledAttempt?.stream(clock.nowMs(), response),
      onStreamEnd: (failure) => this.#afterBody(failure),
      onAskedAgain: () => {
        if (this.#attempt?.bodyEnd !== undefined) {
          void this.#finish((attempt) => attempt.endStream(clock.nowMs()));
        }
      },
      onFailure: (failure, exiting) => {
        if (exiting) {
          this.#death.markEnding();
          this.#killAfterGrace();
        }
        void this.#finish((attempt) => attempt.fail(clock.nowMs(), failure));
      },
      onInitFailure: (failure) => {
        this.#death.initFailed(failure);
        this.#killAfterGrace();
      },
    });
  }

  #spawn(api: RuntimeApi): void {
    this.#group = startProcessGroup(this.fn, {
      settings: this.#settings,
      runtimeApi: api.address,
      output: this.#output,
      onExit: (code, signal) => void this.#onExit(code, signal),
      onNotStarted: (error) => {
        this.#death.spawnFailed(error);
        void this.#onExit(null, null);
      },
    });
    if (this.#group?.pid === undefined) return;
    this.#memory.watch(this.#group.pid, 'busy');
    if (this.#attempt !== undefined) api.offer(this.#attempt.invocation);
  }

  #taken(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    attempt.taken = true;
    attempt.startedAtMs = this.#settings.clock.nowMs();
    this.#timers.limitPhase(attempt.request.timeoutMs, () => this.#kill('timeout'));
    this.#memory.watch(this.#group?.pid, 'busy');
    attempt.request.onStart?.();
  }

  /**
   * Notes that the whole body of a streamed response has come. Work that the function does after
   * the response still belongs to the attempt and its deadline: the attempt ends when the worker
   * asks for its next invocation. Resolves when the stream that the caller reads may end.
   */
  async #afterBody(failure: RunFailure | undefined): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    attempt.bodyEnd = { failure };
    await this.#output.drain();
    await new Promise<void>((resolve) => {
      const cancelTimer = this.#settings.clock.after(freeSoonMs, resolve);
      void attempt.streamEnd.then(cancelTimer).then(resolve);
    });
  }

  /**
   * Settles the attempt with the worker's answer, after the last output of the attempt was read.
   * The worker is free then, unless it is ending.
   */
  async #finish(settle: (attempt: Attempt) => void): Promise<void> {
    const attempt = this.#unsettledAttempt;
    if (attempt === undefined) return;
    this.#finishing = true;
    this.#release(attempt);
    await this.#output.drain();
    this.#output.endRun();
    this.#attempt = undefined;
    this.#finishing = false;
    settle(attempt);
    if (!this.ending) this.#events.onFree(this);
  }

  /** Cancels the deadline of the attempt, and stops listening to its signal. */
  #release(attempt: Attempt): void {
    this.#timers.endPhase();
    this.#memory.watch(this.#group?.pid, 'idle');
    attempt.request.signal?.removeEventListener('abort', this.abort);
  }

  /** Settles and cleans up after the process has ended, or could not be started. */
  async #onExit(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    // Before the first await: the state at the exit is noted, and nothing may change it while the
    // output is read. The pool gives no attempt to a worker that is marked as ending.
    this.#timers.cancel();
    const wasReady = this.#ready;
    const wasRetired = this.ending && !this.#death.wasKilled;
    this.#death.markEnding();
    if (this.#attempt !== undefined && !this.#finishing) this.#release(this.#attempt);
    this.#memory.stop();
    const oomKillerRan = signal === 'SIGKILL' && this.#memory.oomKillerRan;
    // Processes that the worker has started must not outlive it. They share its pipes, so they are
    // killed before the last output is read.
    await this.#group?.killRest();
    await this.#output.drain();
    // `endRun` clears the tail, and delivers the last lines of the attempt before it is settled.
    const end = { code, signal, stderrTail: this.#output.stderrTail, oomKillerRan };
    if (!wasReady && !wasRetired) this.#death.endedBeforeReady(end);
    const initFailure = wasReady ? undefined : this.#death.initFailure;
    this.#output.endRun();
    this.#settleAtExit(end, initFailure);
    this.#api?.close();
    this.#group?.close();
    this.#events.onGone(this, this.#death.blamesFunction ? initFailure : undefined);
    this.#gone.resolve();
  }

  #settleAtExit(end: ProcessEnd, initFailure: RunFailure | undefined): void {
    const attempt = this.#attempt;
    // `#finish` settles an attempt whose result is known.
    if (attempt === undefined || this.#finishing) return;
    this.#attempt = undefined;
    const isSettled = this.#death.settle(attempt, this.#settings.clock.nowMs(), end, initFailure);
    if (!isSettled) this.#events.onReturned(attempt);
  }

  /** Kills a worker that should exit by itself, if it is still there after the grace period. */
  #killAfterGrace(): void {
    this.#timers.limitExit(this.#settings.killGraceMs, () => this.#group?.signal('SIGKILL'));
  }

  /**
   * Kills the worker for a cause that no attempt is to blame for. An attempt that the worker has
   * not taken goes to another worker.
   */
  #killAsStuck(text: string): void {
    const { clock, onOutput } = this.#settings;
    onOutput(this.fn, { atMs: clock.nowMs(), stream: 'platform', text });
    this.#kill('stuck');
  }

  #usesTooMuch(usedMb: number): void {
    if (this.#ready && this.#attempt?.taken !== true) {
      this.#killAsStuck(
        `The worker used ${usedMb} MB while it ran nothing, ` +
          `and the function has ${memoryMbOf(this.fn)} MB: it was killed.`,
      );
      return;
    }
    this.#death.usedTooMuch(usedMb, this.#ready);
    this.#kill('out-of-memory');
  }

  #kill(cause: KillCause): void {
    // A kill does not change a result that is known already.
    if (this.#finishing) this.#death.markEnding();
    else this.#death.killedFor(cause);
    this.#group?.signal('SIGKILL');
  }
}
