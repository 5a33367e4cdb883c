import { randomBytes } from 'node:crypto';
import type { ProcessEnd } from '../failure/failure.ts';
import { WorkerOutput } from '../output/worker-output.ts';
import { startRuntimeApi, type RuntimeApi } from '../runtime-api/runtime-api.ts';
import type { StreamedResponse } from '../runtime-api/streamed-response.ts';
import type { RunFailure, RunnableFunction } from '../worker.ts';
import type { Attempt } from './attempt.ts';
import { CauseOfDeath, type KillCause } from './cause-of-death.ts';
import { childCommand } from './child-command.ts';
import { memoryMbOf } from './function-memory.ts';
import { MemoryWatch } from './memory-watch.ts';
import { ProcessGroup } from './process-group.ts';
import type { WorkerSettings } from './worker-settings.ts';

/** Calls of a worker to its pool. */
export interface WorkerEvents {
  /** The attempt is over and the worker can take another. */
  onFree(worker: WorkerProcess): void;
  /** The worker ended before it took the event: the attempt has not begun, and is given back. */
  onReturned(attempt: Attempt): void;
  /** The process has ended. `initFailure`: it was never ready, and the function is to blame. */
  onGone(worker: WorkerProcess, initFailure: RunFailure | undefined): void;
}

/** A warm worker that takes longer to take an event is still busy with its last invocation. */
const takeTimeoutMs = 5000;

/**
 * How long the end of a streamed body waits for its worker to become free: a caller that calls
 * again at once then gets the same worker, and no second one is started.
 */
const freeSoonMs = 10;

/**
 * One child process with its Runtime API listener, and the attempt that it runs.
 *
 * ```text
 * starting --> ready <--> running one attempt --> gone
 *     +----------+-----------------+---------------^ (exit, or kill with a cause)
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
  #cancelTimer: (() => void) | undefined;
  #cancelGrace: (() => void) | undefined;
  readonly #onAbort = (): void => this.#kill('aborted');

  constructor(fn: RunnableFunction, settings: WorkerSettings, events: WorkerEvents) {
    this.fn = fn;
    this.#settings = settings;
    this.#events = events;
    this.#death = new CauseOfDeath(fn);
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

  /** It ends or is about to end, and takes no more attempts. */
  get ending(): boolean {
    return this.#death.killCause !== undefined;
  }

  /** Gives it an attempt. The worker must be free or starting. */
  assign(attempt: Attempt): void {
    this.#attempt = attempt;
    const { request } = attempt;
    this.#output.beginRun(request.onLog);
    request.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (request.signal?.aborted === true) this.#kill('aborted');
    else if (this.#api !== undefined) this.#api.offer(attempt.invocation);
    if (!this.#ready || attempt.taken) return;
    this.#cancelTimer = this.#settings.clock.after(takeTimeoutMs, () => {
      this.#killAsStuck(
        'The worker was still busy long after it had answered its last invocation: ' +
          'it was killed and another one started.',
      );
    });
  }

  /** Ends an idle worker: SIGTERM, and SIGKILL after the grace period. */
  end(): void {
    if (this.ending) return;
    this.#death.notNeeded();
    this.#group?.signal('SIGTERM');
    this.#killAfterGrace();
  }

  /** Kills it with its process group, and aborts a running attempt. */
  kill(): void {
    this.#kill('aborted');
  }

  async #start(): Promise<void> {
    const { clock, initTimeoutMs } = this.#settings;
    this.#cancelTimer = clock.after(initTimeoutMs, () => {
      this.#death.initTookTooLong(initTimeoutMs);
      this.#kill('slow-init');
    });
    try {
      this.#api = await this.#listen();
    } catch (error) {
      this.#death.spawnFailed(error);
    }
    if (this.#api !== undefined && !this.ending) this.#spawn(this.#api);
    else await this.#ended(null, null);
  }

  #listen(): Promise<RuntimeApi> {
    const { clock } = this.#settings;
    return startRuntimeApi(clock, {
      onReady: () => {
        this.#ready = true;
        this.#cancelTimer?.();
      },
      onTaken: () => this.#taken(),
      onResponse: (body) =>
        void this.#finish((attempt) => attempt.succeed(clock.nowMs(), { kind: 'buffered', body })),
      onStream: (response) => this.#stream(response),
      onStreamEnd: (failure) => this.#bodyEnded(failure),
      onAskedAgain: () => {
        if (this.#attempt?.bodyEnd !== undefined) {
          void this.#finish((attempt) => attempt.endStream(clock.nowMs()));
        }
      },
      onFailure: (failure, exiting) => {
        if (exiting) {
          this.#death.notNeeded();
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
    const { nodeExecutable, guard } = this.#settings;
    // The log stream name of the worker: the processes that it starts are recognized by it.
    const mark = `${this.#settings.mark}${randomBytes(8).toString('hex')}`;
    const command = childCommand(this.fn, {
      runtimeApi: api.address,
      logStreamName: mark,
      nodeExecutable,
    });
    const notStarted = (error: unknown): void => {
      this.#death.spawnFailed(error);
      void this.#ended(null, null);
    };
    try {
      this.#group = new ProcessGroup({
        command,
        directory: this.fn.directory,
        mark,
        guard,
        output: this.#output,
        onExit: (code, signal) => void this.#ended(code, signal),
        onNotStarted: notStarted,
      });
    } catch (error) {
      notStarted(error);
      return;
    }
    if (this.#group.pid === undefined) return;
    this.#memory.watch(this.#group.pid, 'busy');
    if (this.#attempt !== undefined) api.offer(this.#attempt.invocation);
  }

  #taken(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#cancelTimer?.();
    attempt.taken = true;
    attempt.startedAtMs = this.#settings.clock.nowMs();
    this.#cancelTimer = this.#settings.clock.after(attempt.request.timeoutMs, () =>
      this.#kill('timeout'),
    );
    this.#memory.watch(this.#group?.pid, 'busy');
    attempt.request.onStart?.();
  }

  #stream(response: StreamedResponse): void {
    if (this.#attempt === undefined || this.#finishing || this.#death.decidesAttempt) return;
    this.#attempt.stream(this.#settings.clock.nowMs(), response);
  }

  /**
   * The whole body has come. Work that the function does after its answer still belongs to the
   * attempt and its deadline: the attempt ends when the worker asks for its next invocation.
   * Resolves when the stream that the caller reads may end.
   */
  async #bodyEnded(failure: RunFailure | undefined): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    attempt.bodyEnd = { failure };
    await this.#output.drain();
    await new Promise<void>((resolve) => {
      const cancelTimer = this.#settings.clock.after(freeSoonMs, resolve);
      void attempt.streamEnd.then(cancelTimer).then(resolve);
    });
  }

  /** Ends the attempt with the worker's answer, once its last output was read; then it is free. */
  async #finish(settle: (attempt: Attempt) => void): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === undefined || this.#finishing || this.#death.decidesAttempt) return;
    this.#finishing = true;
    this.#release(attempt);
    await this.#output.drain();
    this.#output.endRun();
    this.#attempt = undefined;
    this.#finishing = false;
    settle(attempt);
    if (!this.ending) this.#events.onFree(this);
  }

  /** Ends the deadline of the attempt, and the effect of its signal. */
  #release(attempt: Attempt): void {
    this.#cancelTimer?.();
    this.#memory.watch(this.#group?.pid, 'idle');
    attempt.request.signal?.removeEventListener('abort', this.#onAbort);
  }

  async #ended(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelGrace?.();
    const wasReady = this.#ready;
    const gracefully = this.#death.killCause === 'not-needed';
    this.#death.notNeeded();
    if (this.#attempt !== undefined && !this.#finishing) this.#release(this.#attempt);
    this.#memory.stop();
    const oomKillerRan = signal === 'SIGKILL' && this.#memory.oomKillerRan;
    // Processes that it has started must not go on without it.
    await this.#group?.killRest();
    await this.#output.drain();
    const end = { code, signal, stderrTail: this.#output.stderrTail, oomKillerRan };
    if (!wasReady && !gracefully) this.#death.endedBeforeReady(end);
    const initFailure = wasReady ? undefined : this.#death.initFailure;
    this.#output.endRun();
    this.#settleEnded(end, initFailure);
    this.#api?.close();
    this.#group?.close();
    this.#events.onGone(this, this.#death.blamesFunction ? initFailure : undefined);
    this.#gone.resolve();
  }

  #settleEnded(end: ProcessEnd, initFailure: RunFailure | undefined): void {
    const attempt = this.#attempt;
    // An attempt that has its result is settled with that.
    if (attempt === undefined || this.#finishing) return;
    this.#attempt = undefined;
    const begun = this.#death.settle(attempt, this.#settings.clock.nowMs(), end, initFailure);
    if (!begun) this.#events.onReturned(attempt);
  }

  /** Kills a worker that should end by itself, if it does not. */
  #killAfterGrace(): void {
    this.#cancelGrace ??= this.#settings.clock.after(this.#settings.killGraceMs, () =>
      this.#group?.signal('SIGKILL'),
    );
  }

  /** Kills it for something no attempt is to blame for. An attempt that waits goes to another. */
  #killAsStuck(text: string): void {
    this.#settings.onOutput(this.fn, {
      atMs: this.#settings.clock.nowMs(),
      stream: 'platform',
      text,
    });
    this.#kill('stuck');
  }

  #usesTooMuch(usedMb: number): void {
    if (this.#ready && this.#attempt?.taken !== true) {
      const memoryMb = memoryMbOf(this.fn);
      this.#killAsStuck(
        `The worker used ${usedMb} MB while it ran nothing, ` +
          `and the function has ${memoryMb} MB: it was killed.`,
      );
      return;
    }
    this.#death.usedTooMuch(usedMb, this.#ready);
    this.#kill('out-of-memory');
  }

  #kill(cause: KillCause): void {
    // A kill does not change a result that is known.
    if (this.#finishing) this.#death.notNeeded();
    else this.#death.killedFor(cause);
    this.#group?.signal('SIGKILL');
  }
}
