import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Invocation } from '../../../src/runtime/queue/invocation.ts';
import { openSqliteStore } from '../../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import { createProject, type Project } from '../../support/project.ts';
import { type LedgerSummary, ledgerFunction, readLedger } from './ledger.ts';

/** A runtime under torture: where it answers, and how it dies. */
export interface Victim {
  readonly url: string;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface TortureOptions {
  /** How often the runtime is killed. */
  readonly rounds: number;
  /** Calls that have to be answered 202 altogether, at least. */
  readonly calls: number;
  /** Callers at the same time. */
  readonly callers: number;
  /**
   * Keep a second runtime on the same store from the beginning to the end; it gets a quarter of the
   * calls.
   */
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
  /** Answered with something else. */
  readonly refused: ReadonlyMap<number, number>;
  /**
   * Calls that got no answer, because the runtime died under them: accepted or not, the caller
   * cannot know.
   */
  readonly unanswered: number;
  readonly kills: number;
  /** Answered with 202, and the store does not know them. */
  readonly lost: readonly string[];
  /** Answered with 202, and not ended when everything had come to rest. */
  readonly unended: readonly string[];
  /** Said to have succeeded without a run that came to its end. */
  readonly succeededWithoutRun: readonly string[];
  readonly states: Readonly<Partial<Record<Invocation['state'], number>>>;
  readonly ledger: LedgerSummary;
  readonly seconds: number;
}

const functions = ['first-background', 'second-background', 'third-background'];
/**
 * Long enough for workers of a killed runtime to be gone before the next attempt, short enough for
 * a test.
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
 * and started again, until enough calls were accepted; then waits until nothing is queued or
 * running, and says what became of every call.
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
    // Any moment: while accepting, claiming, running or recording.
    await delay(Math.random() * 150);
    callers.target = undefined;
    await victim.kill();
    options.onRound?.(round, callers.ids.length);
  }
  await callers.stop();

  // One more, which has to clean up after all of them.
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

/** Keeps calling whatever runs, and notes every id that was answered with 202. */
class Callers {
  /** The runtime that is up; none while it is killed and started again. */
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

  /** Resolves once so many calls were accepted. */
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
        // The callers of a reached goal go on: the kill comes in the midst of them.
      }
    }
  }

  async #call(target: Victim, call: number): Promise<void> {
    try {
      const { status, id } = await this.#post(
        `${target.url}/.netlify/functions/${functions[call % functions.length]}`,
        {
          call,
          // Most are short; some are long enough to be still running when somebody takes their lease for lost.
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
          // The head is the answer: with it the call is accepted, whether or not the connection lives to its end.
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
