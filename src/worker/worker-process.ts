import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Attempt } from './attempt.ts';
import { childCommand, defaultMemoryMb } from './child-command.ts';
import type { WorkerClock } from './clock.ts';
import { killMarked } from './descendants.ts';
import { failureOfExit, failureOfMemory, failureOfSlowInit, failureOfSpawn, failureOfTimeout, isShortage, type ProcessEnd } from './failure.ts';
import type { Guard } from './guard.ts';
import { MemoryWatch, oomKillCount } from './memory.ts';
import { RunOutput, type OutputLimits } from './run-output.ts';
import { startRuntimeApi, type RuntimeApi } from './runtime-api.ts';
import type { StreamedResponse } from './streamed-response.ts';
import { WorkerOutput } from './worker-output.ts';
import type { RunFailure, RunnableFunction, WorkerLogLine } from './worker.ts';

/** What all workers of a pool share. */
export interface WorkerSettings {
  readonly clock: WorkerClock;
  readonly guard: Guard;
  readonly nodeExecutable: string;
  /** In the environment of every process of the pool. */
  readonly mark: string;
  readonly initTimeoutMs: number;
  /** How long a worker that is no longer needed may take to end after SIGTERM. */
  readonly killGraceMs: number;
  readonly limits: OutputLimits;
  /** What a worker prints while it runs nothing. */
  readonly onOutput: (fn: RunnableFunction, line: WorkerLogLine) => void;
}

/** What a worker tells its pool. */
export interface WorkerEvents {
  /** The attempt is over and the worker can take another. */
  onFree(worker: WorkerProcess): void;
  /** It was given an attempt but ended before it took the event: the attempt has not begun. */
  onReturned(attempt: Attempt): void;
  /** Its process has ended. `initFailure`: before it was ever ready, and the function is to blame. */
  onGone(worker: WorkerProcess, initFailure: RunFailure | undefined): void;
}

/** A warm worker that has not taken an event by then is still busy with what came before. */
const takeTimeoutMs = 5000;

/** So long, ms, the end of a streamed body waits for its worker to be free: a caller who calls again at once then finds it, and no second one is started. */
const freeSoonMs = 10;

/** Why we killed it. The first cause counts; whatever the process still says after that does not. */
type KillCause = 'timeout' | 'aborted' | 'out-of-memory' | 'slow-init' | 'stuck' | 'not-needed';

/**
 * One child process in a process group of its own, with its Runtime API listener.
 *
 *   starting --> ready <--> running one attempt --> gone
 *      +------------+--------------+---------------^   (exit, or kill with a cause)
 */
export class WorkerProcess {
  readonly fn: RunnableFunction;
  readonly #settings: WorkerSettings;
  readonly #events: WorkerEvents;
  /** Its log stream name, by which the processes it has started are known. */
  readonly #mark: string;
  readonly #output: WorkerOutput;
  readonly #memory: MemoryWatch;
  readonly #oomKillsBefore = oomKillCount();
  readonly #gone = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #api: RuntimeApi | undefined;
  #ready = false;
  #attempt: Attempt | undefined;
  /** The attempt's result is known; its last output is being read. */
  #finishing = false;
  #killCause: KillCause | undefined;
  #initFailure: RunFailure | undefined;
  /** It could not be started for want of something that the machine may have again later. */
  #isShortage = false;
  #cancelTimer: (() => void) | undefined;
  #memoryAtKillMb = 0;
  #cancelGrace: (() => void) | undefined;
  readonly #onAbort = (): void => this.#kill('aborted');

  constructor(fn: RunnableFunction, settings: WorkerSettings, events: WorkerEvents) {
    this.fn = fn;
    this.#settings = settings;
    this.#mark = `${settings.mark}${randomBytes(8).toString('hex')}`;
    this.#events = events;
    this.#memory = new MemoryWatch(settings.clock, this.#memoryMb, (usedMb) => this.#usesTooMuch(usedMb));
    this.#output = new WorkerOutput(settings.clock, settings.limits.maxLineBytes, this.#idleSink());
    void this.#start();
  }

  /** Resolves when the process has ended. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Ending, or about to: takes no more attempts. */
  get ending(): boolean {
    return this.#killCause !== undefined;
  }

  /** Gives it an attempt. It must be free, or starting. */
  assign(attempt: Attempt): void {
    this.#attempt = attempt;
    const { request } = attempt;
    this.#output.changeSink(new RunOutput(this.#settings.limits.maxRunBytes, 'one attempt', request.onLog));
    request.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (request.signal?.aborted === true) this.#kill('aborted');
    else if (this.#api !== undefined) this.#offer(this.#api, attempt);
    if (this.#ready && !attempt.taken) this.#cancelTimer = this.#settings.clock.after(takeTimeoutMs, () => this.#replace());
  }

  #replace(): void {
    this.#killWithWord('The worker was still busy long after it had answered its last invocation: it was killed and another one started.');
  }

  /** For what no attempt is to blame for; one that waits for this worker gets another. */
  #killWithWord(text: string): void {
    this.#settings.onOutput(this.fn, { atMs: this.#settings.clock.nowMs(), stream: 'platform', text });
    this.#kill('stuck');
  }

  #usesTooMuch(usedMb: number): void {
    if (this.#ready && this.#attempt?.taken !== true) {
      this.#killWithWord(`The worker used ${usedMb} MB while it ran nothing, and the function has ${this.#memoryMb} MB: it was killed.`);
      return;
    }
    this.#memoryAtKillMb = usedMb;
    if (!this.#ready) this.#initFailure ??= failureOfMemory(usedMb, this.#memoryMb);
    this.#kill('out-of-memory');
  }

  /** Asks an idle worker to end: SIGTERM, and after the grace SIGKILL. */
  end(): void {
    if (this.#killCause !== undefined) return;
    this.#killCause = 'not-needed';
    this.#signalGroup('SIGTERM');
    this.#killAfterGrace();
  }

  /** For a worker that is about to end by itself, but need not. */
  #killAfterGrace(): void {
    this.#cancelGrace ??= this.#settings.clock.after(this.#settings.killGraceMs, () => this.#signalGroup('SIGKILL'));
  }

  /** Kills it with its process group; a running attempt is aborted. */
  kill(): void {
    this.#kill('aborted');
  }

  async #start(): Promise<void> {
    const { clock, initTimeoutMs } = this.#settings;
    this.#cancelTimer = clock.after(initTimeoutMs, () => {
      this.#initFailure = failureOfSlowInit(initTimeoutMs);
      this.#kill('slow-init');
    });
    try {
      this.#api = await this.#listen();
    } catch (error) {
      this.#spawnFailed(error);
    }
    if (this.#api !== undefined && this.#killCause === undefined) this.#spawn(this.#api);
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
      onResponse: (body) => void this.#finish((attempt) => attempt.succeed(clock.nowMs(), { kind: 'buffered', body })),
      onStream: (response) => this.#stream(response),
      onStreamEnd: (failure) => this.#bodyEnded(failure),
      onAskedAgain: () => {
        if (this.#attempt?.bodyEnd !== undefined) void this.#finish((attempt) => attempt.endStream(clock.nowMs()));
      },
      onFailure: (failure, exiting) => {
        if (exiting) {
          this.#killCause ??= 'not-needed';
          this.#killAfterGrace();
        }
        void this.#finish((attempt) => attempt.fail(clock.nowMs(), failure));
      },
      onInitFailure: (failure) => {
        this.#initFailure ??= failure;
        this.#killAfterGrace();
      },
    });
  }

  #spawn(api: RuntimeApi): void {
    const { nodeExecutable } = this.#settings;
    const { file, args, environment } = childCommand(this.fn, { runtimeApi: api.address, logStreamName: this.#mark, nodeExecutable });
    let child;
    try {
      child = spawn(file, args, { cwd: this.fn.directory, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      this.#spawnFailed(error);
      void this.#ended(null, null);
      return;
    }
    this.#child = child;
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      this.#spawnFailed(error);
      void this.#ended(null, null);
    });
    // Without a process there may be no pipes either, whatever their types say; the error event comes next.
    if (child.pid === undefined) return;
    this.#settings.guard.add(child.pid);
    this.#memory.watch(child.pid, 'busy');
    this.#output.read('stdout', child.stdout);
    this.#output.read('stderr', child.stderr);
    child.once('exit', (code, signal) => void this.#ended(code, signal));
    if (this.#attempt !== undefined) this.#offer(api, this.#attempt);
  }

  #spawnFailed(error: unknown): void {
    this.#initFailure ??= failureOfSpawn(error, this.fn);
    this.#isShortage = isShortage(error);
  }

  #offer(api: RuntimeApi, { fn, request }: Attempt): void {
    const region = fn.environment['AWS_REGION'] ?? 'us-east-1';
    api.offer({
      requestId: request.invocationId,
      payload: request.payload,
      timeoutMs: request.timeoutMs,
      functionArn: `arn:aws:lambda:${region}:000000000000:function:${fn.name}`,
    });
  }

  #taken(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#cancelTimer?.();
    attempt.taken = true;
    attempt.startedAtMs = this.#settings.clock.nowMs();
    this.#cancelTimer = this.#settings.clock.after(attempt.request.timeoutMs, () => this.#kill('timeout'));
    this.#memory.watch(this.#child?.pid, 'busy');
    attempt.request.onStart?.();
  }

  get #memoryMb(): number {
    return this.fn.memoryMb ?? defaultMemoryMb;
  }

  #stream(response: StreamedResponse): void {
    if (this.#attempt === undefined || this.#finishing || this.#cut) return;
    this.#attempt.stream(this.#settings.clock.nowMs(), response);
  }

  /**
   * The whole body is here, but what the function does after its answer belongs to the attempt, its deadline included: the attempt ends when the worker asks for
   * the next. Resolves when the caller may see the end of the body.
   */
  async #bodyEnded(failure: RunFailure | undefined): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    attempt.bodyEnd = { failure };
    await this.#output.drain();
    await new Promise<void>((resolve) => {
      const callOff = this.#settings.clock.after(freeSoonMs, resolve);
      void attempt.streamEnd.then(callOff).then(resolve);
    });
  }

  /** The process was killed for a reason that decides the attempt. */
  get #cut(): boolean {
    return this.#killCause !== undefined && this.#killCause !== 'not-needed';
  }

  /** Ends the attempt by what the worker answered: reads its last output, settles it, and is free again. */
  async #finish(settle: (attempt: Attempt) => void): Promise<void> {
    const attempt = this.#attempt;
    if (attempt === undefined || this.#finishing || this.#cut) return;
    this.#finishing = true;
    this.#release(attempt);
    await this.#output.drain();
    this.#output.changeSink(this.#idleSink());
    this.#attempt = undefined;
    this.#finishing = false;
    settle(attempt);
    if (this.#killCause === undefined) this.#events.onFree(this);
  }

  /** No deadline and no abort any more. */
  #release(attempt: Attempt): void {
    this.#cancelTimer?.();
    this.#memory.watch(this.#child?.pid, 'idle');
    attempt.request.signal?.removeEventListener('abort', this.#onAbort);
  }

  async #ended(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelGrace?.();
    const wasReady = this.#ready;
    const gracefully = this.#killCause === 'not-needed';
    this.#killCause ??= 'not-needed';
    const attempt = this.#attempt;
    if (attempt !== undefined && !this.#finishing) this.#release(attempt);
    this.#memory.stop();
    const oomKillerRan = signal === 'SIGKILL' && oomKillCount() > this.#oomKillsBefore;
    // What it has left behind in its group must not go on without it.
    this.#signalGroup('SIGKILL');
    if (this.#child?.pid !== undefined) await killMarked(this.#mark);
    await this.#output.drain();
    const end = { code, signal, stderrTail: this.#output.stderrTail, oomKillerRan };
    if (!wasReady && !gracefully && this.#killCause !== 'aborted') this.#initFailure ??= failureOfExit(end, 'init', this.#memoryMb);
    const initFailure = wasReady ? undefined : this.#explained(this.#initFailure);
    if (this.#attempt !== undefined && !this.#finishing) {
      this.#output.changeSink(this.#idleSink());
      this.#attempt = undefined;
      this.#settleEnded(attempt, initFailure, end);
    } else {
      this.#output.changeSink(this.#idleSink());
    }
    this.#close();
    this.#events.onGone(this, this.#isShortage ? undefined : initFailure);
    this.#gone.resolve();
  }

  /** A start that failed may have failed because of the machine. */
  #explained(failure: RunFailure | undefined): RunFailure | undefined {
    const { machineProblem } = this.fn;
    return failure === undefined || machineProblem === undefined ? failure : { ...failure, message: `${failure.message} (${machineProblem.message})` };
  }

  #settleEnded(attempt: Attempt | undefined, initFailure: RunFailure | undefined, end: ProcessEnd): void {
    const nowMs = this.#settings.clock.nowMs();
    if (attempt === undefined) return;
    if (this.#killCause === 'aborted') attempt.abort(nowMs);
    else if (this.#killCause === 'timeout') attempt.fail(nowMs, failureOfTimeout(attempt.request.timeoutMs));
    else if (this.#killCause === 'out-of-memory') attempt.fail(nowMs, failureOfMemory(this.#memoryAtKillMb, this.#memoryMb));
    else if (initFailure !== undefined && this.#isShortage) attempt.giveBack(nowMs, initFailure);
    else if (initFailure !== undefined) attempt.fail(nowMs, initFailure);
    else if (attempt.bodyEnd?.failure !== undefined || (attempt.bodyEnd !== undefined && end.code === 0)) attempt.endStream(nowMs);
    else if (attempt.taken) attempt.fail(nowMs, failureOfExit(end, 'run', this.#memoryMb));
    else this.#events.onReturned(attempt);
  }

  #close(): void {
    this.#api?.close();
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
    if (this.#child?.pid !== undefined) this.#settings.guard.remove(this.#child.pid);
  }

  #kill(cause: KillCause): void {
    // Once the result is known, being killed changes nothing about it.
    if (this.#finishing) this.#killCause ??= 'not-needed';
    else if (this.#killCause === undefined || this.#killCause === 'not-needed') this.#killCause = cause;
    this.#signalGroup('SIGKILL');
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // ESRCH: nobody is left in the group.
    }
  }

  #idleSink(): RunOutput {
    const { limits, onOutput } = this.#settings;
    return new RunOutput(limits.maxLineBytes, 'a pause between attempts', (line) => onOutput(this.fn, line));
  }
}
