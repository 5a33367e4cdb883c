import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../diagnostic/system-error.ts';
import {
  decodeError,
  encodeError,
  helloId,
  MediumUnavailableError,
  type ThreadAnswer,
  type ThreadRequest,
} from './thread-protocol.ts';

/**
 * The main thread's end of a database that lives in a thread of its own, so that waiting for the
 * disk never holds up the event loop.
 */
export interface DatabaseThread {
  /**
   * Rejects with `MediumUnavailableError`, with a `BgfnError`, or with a bug of ours.
   *
   * @param transfer Buffers in `args` that the thread takes over instead of a copy: the caller has
   *   them no more.
   */
  call(
    method: string,
    args: readonly unknown[],
    transfer?: readonly ArrayBuffer[],
  ): Promise<unknown>;
  /** Waits for what was asked before, closes the database and ends the thread. */
  close(): Promise<void>;
}

interface Outgoing {
  readonly request: ThreadRequest;
  readonly transfer: readonly ArrayBuffer[];
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * After a thread has ended, the next is started no sooner than this, ms: one that dies at once must
 * not keep the machine busy.
 */
const restartAfterMs = 1000;

/**
 * Starts the thread whose program lies beside the caller. A thread that dies (for want of memory,
 * say) fails what it was asked, and the next call starts another.
 *
 * @param beside The caller's `import.meta.url`: the program has the same extension (`.ts` from
 *   source, `.js` when built).
 * @param program Its file name without extension.
 */
export async function startDatabaseThread(
  beside: string,
  program: string,
  data: unknown,
): Promise<DatabaseThread> {
  const file = fileURLToPath(beside);
  const start = (): ThreadClient =>
    new ThreadClient(
      new Worker(path.join(path.dirname(file), program + path.extname(file)), {
        workerData: data,
        name: `bgfn ${program}`,
      }),
    );
  const first = start();
  await first.opened;
  return new RevivedThread(first, start);
}

/** A thread, and after its death the next one. */
class RevivedThread implements DatabaseThread {
  readonly #start: () => ThreadClient;
  #current: ThreadClient;
  #revival: Promise<ThreadClient> | undefined;
  #startedAtMs = performance.now();
  #closed = false;

  constructor(first: ThreadClient, start: () => ThreadClient) {
    this.#current = first;
    this.#start = start;
  }

  call(
    method: string,
    args: readonly unknown[],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<unknown> {
    // The usual way: nothing is awaited before the call is on its way, so calls keep their order.
    if (!this.#current.hasDied || this.#closed) return this.#current.call(method, args, transfer);
    return this.#revived().then((thread) => thread.call(method, args, transfer));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#revival?.catch(() => undefined);
    await this.#current.close();
  }

  #revived(): Promise<ThreadClient> {
    if (this.#revival === undefined && performance.now() - this.#startedAtMs < restartAfterMs) {
      return Promise.reject(
        new MediumUnavailableError(
          'The thread of the database ended; the next one has not been started yet.',
        ),
      );
    }
    this.#revival ??= this.#revive().finally(() => {
      this.#revival = undefined;
    });
    return this.#revival;
  }

  async #revive(): Promise<ThreadClient> {
    this.#startedAtMs = performance.now();
    const next = this.#start();
    try {
      await next.opened;
    } catch (error) {
      throw new MediumUnavailableError(
        `The thread of the database ended and cannot be started again: ${messageOf(error)}`,
      );
    }
    this.#current = next;
    return next;
  }
}

class ThreadClient implements DatabaseThread {
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #nextId = helloId + 1;
  #outbox: Outgoing[] = [];
  #ended: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.opened = new Promise((resolve, reject) => {
      this.#pending.set(helloId, { resolve, reject });
    });
    worker.on('message', (answers: readonly ThreadAnswer[]) => this.#receive(answers));
    worker.on('error', (error) =>
      this.#end(error instanceof Error ? error : new Error(String(error))),
    );
    worker.on('exit', () => this.#end(new Error('it was closed')));
  }

  get hasDied(): boolean {
    return this.#ended !== undefined && this.#closing === undefined;
  }

  call(
    method: string,
    args: readonly unknown[],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<unknown> {
    if (this.#closing !== undefined) {
      return Promise.reject(new MediumUnavailableError('The database is closed.'));
    }
    return this.#send(method, args, transfer);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      if (this.#ended === undefined) {
        await this.#send('close', []);
      }
    } finally {
      await this.#worker.terminate();
    }
  }

  #send(
    method: string,
    args: readonly unknown[],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<unknown> {
    if (this.#ended !== undefined) {
      return Promise.reject(this.#ended);
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = this.#nextId;
    this.#nextId += 1;
    if (this.#pending.size === 0) {
      this.#worker.ref();
    }
    this.#pending.set(id, { resolve, reject });
    this.#outbox.push({ request: { id, method, args }, transfer });
    if (this.#outbox.length === 1) {
      // One message for all that is asked in one go: messages between threads cost more than what they carry. What follows joins the same transaction all the same.
      queueMicrotask(() => this.#flush());
    }
    return promise;
  }

  #flush(): void {
    const outgoing = this.#outbox;
    this.#outbox = [];
    if (this.#ended === undefined) this.#post(outgoing);
  }

  /**
   * One that cannot be passed to a thread (it is nested too deep, or holds a function) fails alone:
   * the others are sent one by one then.
   */
  #post(outgoing: readonly Outgoing[]): void {
    try {
      this.#worker.postMessage(
        outgoing.map(({ request }) => request),
        outgoing.flatMap(({ transfer }) => transfer),
      );
    } catch (error) {
      const [only, ...more] = outgoing;
      if (only === undefined) return;
      if (more.length === 0) this.#receive([{ id: only.request.id, error: encodeError(error) }]);
      else for (const one of outgoing) this.#post([one]);
    }
  }

  #receive(answers: readonly ThreadAnswer[]): void {
    for (const answer of answers) {
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      if ('error' in answer) {
        pending?.reject(decodeError(answer.error));
      } else {
        pending?.resolve(answer.value);
      }
    }
    if (this.#pending.size === 0) {
      // An idle database does not keep the process alive.
      this.#worker.unref();
    }
  }

  /**
   * The thread is gone: while it was opening, `error` says why; later calls hear that the database
   * is away.
   */
  #end(error: Error): void {
    this.#ended ??= new MediumUnavailableError(
      `The thread of the database ended: ${error.message}`,
    );
    for (const [id, pending] of this.#pending) {
      pending.reject(id === helloId ? error : this.#ended);
    }
    this.#pending.clear();
  }
}
