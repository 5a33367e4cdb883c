import type { Worker } from 'node:worker_threads';
import {
  decodeError,
  encodeError,
  helloId,
  MediumUnavailableError,
  type ThreadAnswer,
  type ThreadRequest,
} from './thread-protocol.ts';

interface Outgoing {
  readonly request: ThreadRequest;
  readonly transfer: readonly ArrayBuffer[];
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Sends requests to one worker thread and matches the answers to them. */
export class ThreadClient {
  /** Resolves when the thread has opened its database; rejects if it could not. */
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
      // All requests of one turn are sent in one message: a message between threads costs more than
      // its content, and its requests share a transaction.
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
   * Sends the requests in one message. If that fails, they are sent one by one, so that only the
   * request fails that cannot be cloned (it is nested too deeply, or contains a function).
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
      else for (const single of outgoing) this.#post([single]);
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
   * Records the end of the thread. `opened` rejects with `error`, the reason of the end; pending
   * requests fail with a `MediumUnavailableError`.
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
