import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Invocation } from '../../../src/runtime/queue/invocation.ts';
import { openSqliteStore } from '../../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import { createProject, type Project } from '../../support/project.ts';
import { type LedgerSummary, ledgerFunction, readLedger } from './ledger.ts';

/** A runtime under torture, with its address and the ways to end it. */
export interface Victim {
  readonly url: string;
  /** Sends SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Sends SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

export interface TortureOptions {
  /** How often the runtime is killed. */
  readonly rounds: number;
  /** Total number of calls that have to be answered with 202, at least. */
  readonly calls: number;
  /** Number of concurrent callers. */
  readonly callers: number;
  /** Keeps a second runtime on the same store for the whole time, which gets a quarter of the calls. */
  readonly second: boolean;
  /** Builds the site and starts a runtime on it; `flags` are further flags of `bgfn serve`. */
  readonly start: (
    project: Project,
    flags: readonly string[],
    environment: Readonly<Record<string, string>>,
  ) => Promise<Victim>;
  readonly onRound?: (round: number, accepted: number) => void;
}

export interface TortureReport {
  /** Calls answered with 202. */
  readonly accepted: number;
  /** Calls answered with another status, by status. */
  readonly refused: ReadonlyMap<number, number>;
  /**
   * Calls without a response, because the runtime was killed. The caller cannot know whether the
   * call was accepted.
   */
  readonly unanswered: number;
  readonly kills: number;
  /** Calls answered with 202 that are not in the store. */
  readonly lost: readonly string[];
  /** Calls answered with 202 that had not ended when nothing was queued or running any more. */
  readonly unended: readonly string[];
  /** Calls recorded as succeeded without a run that ended. */
  readonly succeededWithoutRun: readonly string[];
  readonly states: Readonly<Partial<Record<Invocation['state'], number>>>;
  readonly ledger: LedgerSummary;
  readonly seconds: number;
}

const functions = ['first-background', 'second-background', 'third-background'];
/**
 * The retry delays are long enough for the workers of a killed runtime to end before the next
 * attempt, and short enough for a test.
 */
const flags = [
  '--retry-delays',
  '0.5,0.5',
  '--concurrency',
  '6',
  '--admin-port',
  'off',
  '--drain-timeout',
  '20s',
];

/**
 * Calls background functions over HTTP while their runtime is killed with SIGKILL at random moments
 * and started again, until enough calls are accepted. Then waits until nothing is queued or
 * running, and reports the fate of every call.
 */
export async function torture(options: TortureOptions): Promise<TortureReport> {
  const startedAtMs = performance.now();
  await using project = await createProject(
    Object.fromEntries(functions.map((name) => [`netlify/functions/${name}.mjs`, ledgerFunction])),
  );
  await project.build();
  const ledger = project.path('ledger');
  const start = (): Promise<Victim> => options.start(project, flags, { LEDGER: ledger });

  const second = options.second ? await start() : undefined;
  const callers = new Callers(options.callers, second);
  const perRound = Math.ceil(options.calls / options.rounds);
  for (let round = 1; round <= options.rounds; round += 1) {
    const victim = await start();
    callers.target = victim;
    await callers.accepted(perRound * round);
    // At a random moment: during an accept, a claim, a run or a record.
    await delay(Math.random() * 150);
    callers.target = undefined;
    await victim.kill();
    options.onRound?.(round, callers.ids.length);
  }
  await callers.stop();

  // One more runtime, which has to finish the runs of all killed ones.
  const last = await start();
  const store = await openSqliteStore({ file: project.path('.bgfn', 'queue.db') });
  try {
    await comeToRest(store);
    await Promise.all([last.stop(), second?.stop()]);
    return {
      ...(await verify(callers, store, ledger)),
      kills: options.rounds,
      seconds: (performance.now() - startedAtMs) / 1000,
    };
  } finally {
    await store.close();
  }
}

type Store = Awaited<ReturnType<typeof openSqliteStore>>;

async function comeToRest(store: Store): Promise<void> {
  for (;;) {
    const stats = await store.stats(Date.now());
    if (stats.every(({ counts }) => counts.queued + counts.running === 0)) return;
    await delay(100);
  }
}

async function verify(
  callers: Callers,
  store: Store,
  ledgerFile: string,
): Promise<Omit<TortureReport, 'kills' | 'seconds'>> {
  const ledger = await readLedger(ledgerFile);
  const lost: string[] = [];
  const unended: string[] = [];
  const succeededWithoutRun: string[] = [];
  const states: Partial<Record<Invocation['state'], number>> = {};
  for (const id of callers.ids) {
    const state = (await store.get(id))?.invocation.state;
    if (state === undefined) lost.push(id);
    else states[state] = (states[state] ?? 0) + 1;
    if (state === 'queued' || state === 'running') unended.push(id);
    if (state === 'succeeded' && !ledger.done.has(id)) succeededWithoutRun.push(id);
  }
  return {
    accepted: callers.ids.length,
    refused: callers.refused,
    unanswered: callers.unanswered,
    lost,
    unended,
    succeededWithoutRun,
    states,
    ledger,
  };
}

/** Keeps calling the runtime that is up, and records every id that was answered with 202. */
class Callers {
  /** The runtime that is up; undefined between a kill and the next start. */
  target: Victim | undefined;
  readonly ids: string[] = [];
  readonly refused = new Map<number, number>();
  unanswered = 0;
  readonly #second: Victim | undefined;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #running: Promise<void>[];
  #goal: { readonly count: number; readonly reached: () => void } | undefined;
  #stopped = false;
  #calls = 0;

  constructor(count: number, second: Victim | undefined) {
    this.#second = second;
    this.#running = Array.from({ length: count }, () => this.#run());
  }

  /** Resolves once this many calls were accepted. */
  accepted(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#goal = { count, reached: resolve };
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const call = (this.#calls += 1);
      const target = call % 4 === 0 ? (this.#second ?? this.target) : this.target;
      if (target === undefined) await delay(5);
      else await this.#call(target, call);
      if (this.#goal !== undefined && this.ids.length >= this.#goal.count) {
        this.#goal.reached();
        this.#goal = undefined;
        // Callers continue after the goal is reached, so that the kill hits active calls.
      }
    }
  }

  async #call(target: Victim, call: number): Promise<void> {
    try {
      const { status, id } = await this.#post(
        `${target.url}/.netlify/functions/${functions[call % functions.length]}`,
        {
          call,
          // Most runs are short; some are long enough to outlive a lease that looks lost.
          durationMs: call % 29 === 0 ? 1500 : call % 17,
          failFirst: call % 11 === 0,
          exitFirst: call % 97 === 0,
        },
      );
      if (status === 202 && id !== undefined) this.ids.push(id);
      else this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
    } catch {
      this.unanswered += 1;
      await delay(5);
    }
  }

  #post(
    url: string,
    body: unknown,
  ): Promise<{ readonly status: number; readonly id: string | undefined }> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        url,
        { method: 'POST', agent: this.#agent, headers: { 'content-type': 'application/json' } },
        (response) => {
          // The head of the response is decisive: with the head the call counts as accepted, even if the
          // connection breaks before the end.
          const id = response.headers['x-nf-request-id'];
          resolve({
            status: response.statusCode ?? 0,
            id: typeof id === 'string' ? id : undefined,
          });
          response.on('error', () => {});
          response.resume();
        },
      );
      outgoing.on('error', reject);
      outgoing.end(JSON.stringify(body));
    });
  }
}
