import { randomBytes } from 'node:crypto';
import { systemClock, type Clock } from '../../platform/clock.ts';
import { failureOfMachine } from '../failure/failure.ts';
import { defaultOutputLimits, type OutputLimits } from '../output/run-output.ts';
import { Attempt } from '../process/attempt.ts';
import { startOrphanGuard } from '../process/orphan-guard.ts';
import { WorkerProcess } from '../process/worker-process.ts';
import type { WorkerSettings } from '../process/worker-settings.ts';
import type {
  RunnableFunction,
  RunOutcome,
  RunRequest,
  WorkerLogLine,
  WorkerPool,
} from '../worker.ts';
import { InitBackOff } from './init-back-off.ts';

export interface WorkerPoolOptions {
  /**
   * The maximum number of workers of a function. Further runs wait for a free worker, in order.
   * Default: no limit, because callers limit their runs themselves.
   */
  readonly maxWorkersPerFunction?: number | undefined;
  /**
   * The maximum number of idle workers of all functions together. When there are more, the worker
   * that was idle longest is ended. Default 64.
   */
  readonly maxIdleWorkers?: number | undefined;
  /** How long a worker may be idle before it is ended. Default 5 minutes. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long a worker may take to ask for its first invocation before it is killed. Default 30 s. */
  readonly initTimeoutMs?: number | undefined;
  /** How long a worker that should end may take before it is killed. Default 2 s. */
  readonly killGraceMs?: number | undefined;
  /** The Node executable that runs Node functions. Default: the executable of this process. */
  readonly nodeExecutable?: string | undefined;
  readonly outputLimits?: OutputLimits | undefined;
  readonly clock?: Clock | undefined;
  /** Called with each line that a worker prints while it runs nothing. */
  readonly onOutput?: ((fn: RunnableFunction, line: WorkerLogLine) => void) | undefined;
  /** Called with warnings for the operator. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * Creates a pool that has no workers yet. A run that finds no free worker starts a worker, which is
 * kept warm after the run.
 */
export function createWorkerPool(options: WorkerPoolOptions = {}): WorkerPool {
  return new ProcessPool(options);
}

/** The workers of one version of one function. */
interface Crew {
  readonly name: string;
  readonly version: string;
  readonly workers: Set<WorkerProcess>;
  /**
   * Idle workers. The worker used last is at the end and is used next, so that the other workers
   * can time out.
   */
  readonly idle: WorkerProcess[];
  readonly waiting: Attempt[];
  readonly backOff: InitBackOff;
}

class ProcessPool implements WorkerPool {
  readonly #settings: WorkerSettings;
  readonly #maxWorkers: number;
  readonly #idleTimeoutMs: number;
  readonly #maxIdle: number;
  readonly #crews = new Map<string, Crew>();
  readonly #retired = new WeakSet<Crew>();
  /** The idle workers of all crews. The worker that has been idle longest comes first. */
  readonly #idle = new Map<
    WorkerProcess,
    { readonly crew: Crew; readonly cancelTimer: () => void }
  >();
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#maxWorkers = options.maxWorkersPerFunction ?? Number.POSITIVE_INFINITY;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? 300_000;
    this.#maxIdle = options.maxIdleWorkers ?? 64;
    const mark = `[$LATEST]${randomBytes(8).toString('hex')}`;
    this.#settings = {
      mark,
      clock: options.clock ?? systemClock,
      guard: startOrphanGuard(mark, options.onWarning ?? (() => undefined)),
      nodeExecutable: options.nodeExecutable ?? process.execPath,
      initTimeoutMs: options.initTimeoutMs ?? 30_000,
      killGraceMs: options.killGraceMs ?? 2000,
      limits: options.outputLimits ?? defaultOutputLimits,
      onOutput: options.onOutput ?? (() => undefined),
    };
  }

  run(fn: RunnableFunction, request: RunRequest): Promise<RunOutcome> {
    const attempt = new Attempt(fn, request, this.#settings.clock.nowMs());
    this.#place(attempt);
    return attempt.outcome;
  }

  retain(current: ReadonlyMap<string, string>): void {
    for (const [key, crew] of this.#crews) {
      if (current.get(crew.name) === crew.version) {
        this.#retired.delete(crew);
        continue;
      }
      this.#retired.add(crew);
      for (const worker of crew.idle.splice(0)) this.#retire(crew, worker);
      if (crew.workers.size === 0) this.#crews.delete(key);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const gone: Promise<void>[] = [];
    for (const crew of this.#crews.values()) {
      for (const attempt of crew.waiting.splice(0)) attempt.abort(this.#settings.clock.nowMs());
      for (const worker of crew.workers) {
        this.#stopBeingIdle(worker);
        worker.abort();
        gone.push(worker.gone);
      }
    }
    await Promise.all(gone);
    await this.#settings.guard.close();
  }

  /** Gives the attempt to a free worker, to a new worker, or to the next worker that becomes free. */
  #place(attempt: Attempt): void {
    const { request, fn } = attempt;
    const nowMs = this.#settings.clock.nowMs();
    if (this.#closed || request.signal?.aborted === true) {
      attempt.abort(nowMs);
      return;
    }
    if (fn.machineProblem?.fatal === true) {
      attempt.fail(nowMs, failureOfMachine(fn.machineProblem.message));
      return;
    }
    const crew = this.#crewOf(fn);
    for (let idle = crew.idle.pop(); idle !== undefined; idle = crew.idle.pop()) {
      this.#stopBeingIdle(idle);
      // The event would be lost with a worker that is being killed.
      if (idle.ending) continue;
      idle.assign(attempt);
      return;
    }
    const refused = crew.backOff.refusal(nowMs);
    if (refused !== undefined) attempt.fail(nowMs, refused);
    else if (crew.workers.size >= this.#maxWorkers) this.#wait(crew, attempt);
    else this.#startWorker(crew, fn).assign(attempt);
  }

  #wait(crew: Crew, attempt: Attempt): void {
    crew.waiting.push(attempt);
    attempt.request.signal?.addEventListener(
      'abort',
      () => {
        const index = crew.waiting.indexOf(attempt);
        if (index === -1) return;
        crew.waiting.splice(index, 1);
        attempt.abort(this.#settings.clock.nowMs());
      },
      { once: true },
    );
  }

  #crewOf(fn: RunnableFunction): Crew {
    const key = crewKey(fn);
    let crew = this.#crews.get(key);
    if (crew === undefined) {
      crew = {
        name: fn.name,
        version: fn.version,
        workers: new Set(),
        idle: [],
        waiting: [],
        backOff: new InitBackOff(),
      };
      this.#crews.set(key, crew);
    }
    return crew;
  }

  #startWorker(crew: Crew, fn: RunnableFunction): WorkerProcess {
    const worker = new WorkerProcess(fn, this.#settings, {
      onFree: () => {
        crew.backOff.succeeded();
        this.#reuse(crew, worker);
      },
      onReturned: (attempt) => this.#place(attempt),
      onGone: (_, initFailure) => {
        this.#remove(crew, worker);
        if (initFailure !== undefined) {
          crew.backOff.failed(initFailure, this.#settings.clock.nowMs());
        }
        this.#placeWaiting(crew);
      },
    });
    crew.workers.add(worker);
    return worker;
  }

  /**
   * Places waiting attempts while more workers may be started. The loop is needed because an
   * attempt that the back-off refuses starts no worker.
   */
  #placeWaiting(crew: Crew): void {
    while (crew.workers.size < this.#maxWorkers) {
      const next = crew.waiting.shift();
      if (next === undefined) return;
      this.#place(next);
    }
  }

  /** Gives a free worker the next attempt, or keeps the worker warm. */
  #reuse(crew: Crew, worker: WorkerProcess): void {
    const next = crew.waiting.shift();
    if (next !== undefined) {
      worker.assign(next);
      return;
    }
    crew.idle.push(worker);
    if (this.#retired.has(crew)) {
      this.#retire(crew, worker);
      return;
    }
    this.#idle.set(worker, {
      crew,
      cancelTimer: this.#settings.clock.after(this.#idleTimeoutMs, () =>
        this.#retire(crew, worker),
      ),
    });
    const [longestIdle] = this.#idle;
    if (this.#idle.size > this.#maxIdle && longestIdle !== undefined) {
      const [oldest, { crew: crewOfOldest }] = longestIdle;
      this.#retire(crewOfOldest, oldest);
    }
  }

  /** Ends an idle worker. */
  #retire(crew: Crew, worker: WorkerProcess): void {
    this.#stopBeingIdle(worker);
    removeFrom(crew.idle, worker);
    worker.retire();
  }

  /** Removes a worker whose process has ended. */
  #remove(crew: Crew, worker: WorkerProcess): void {
    this.#stopBeingIdle(worker);
    removeFrom(crew.idle, worker);
    crew.workers.delete(worker);
    if (crew.workers.size === 0 && crew.waiting.length === 0 && this.#retired.has(crew)) {
      this.#crews.delete(crewKey(crew));
    }
  }

  #stopBeingIdle(worker: WorkerProcess): void {
    this.#idle.get(worker)?.cancelTimer();
    this.#idle.delete(worker);
  }
}

function removeFrom<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index !== -1) list.splice(index, 1);
}

function crewKey({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}\n${version}`;
}
