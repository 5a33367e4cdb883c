import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../../diagnostic/system-error.ts';
import { ThreadClient } from './thread-client.ts';
import { MediumUnavailableError } from './thread-protocol.ts';

/**
 * The main thread's handle of a database in a separate thread, so that waits for the disk do not
 * block the event loop.
 */
export interface DatabaseThread {
  /**
   * Rejects with `MediumUnavailableError`, with a `BgfnError`, or with a bug of ours.
   *
   * @param transfer Buffers in `args` that are transferred to the thread instead of copied. The
   *   caller cannot use them afterwards.
   */
  call(
    method: string,
    args: readonly unknown[],
    transfer?: readonly ArrayBuffer[],
  ): Promise<unknown>;
  /** Waits for the earlier calls, closes the database and ends the thread. */
  close(): Promise<void>;
}

/**
 * The shortest time between two starts of a thread, ms, so that a thread that always dies at once
 * does not keep the machine busy.
 */
const restartAfterMs = 1000;

/**
 * Starts the thread whose program is in the folder of the caller. If the thread dies (for example
 * because it ran out of memory), its pending calls fail, and the next call starts a new thread.
 *
 * @param beside The caller's `import.meta.url`. The program has the same extension (`.ts` in the
 *   sources, `.js` when built).
 * @param program The file name of the program, without extension.
 */
export async function startDatabaseThread(
  beside: string,
  program: string,
  threadOptions: unknown,
): Promise<DatabaseThread> {
  const file = fileURLToPath(beside);
  const start = (): ThreadClient =>
    new ThreadClient(
      new Worker(path.join(path.dirname(file), program + path.extname(file)), {
        workerData: threadOptions,
        name: `bgfn ${program}`,
      }),
    );
  const first = start();
  await first.opened;
  return new RevivedThread(first, start);
}

/** A thread that is replaced after its death. */
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
    // While the thread is alive, nothing is awaited before the call is sent, so calls keep their
    // order.
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
