import type { Accepted, NewInvocation, Store } from '../queue/store.ts';

/** Turns single calls into group commits. */
export interface Acceptor {
  /**
   * Resolves once the call is durable. Rejects with `StoreUnavailableError` when it could not be stored: then nothing was accepted.
   */
  accept(call: NewInvocation): Promise<Accepted>;
}

interface Waiting {
  readonly call: NewInvocation;
  readonly resolve: (accepted: Accepted) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds one transaction; what comes beyond it goes into the next. */
const maxGroup = 512;

/**
 * Group commit: the calls that arrive in one turn of the event loop, or while a commit is under way, share the next commit and its one wait
 * for the disk. A lone call waits for nothing. No caller hears of its call before its commit is durable.
 */
export function createAcceptor(store: Pick<Store, 'accept'>, now: () => number): Acceptor {
  let waiting: Waiting[] = [];
  let running = false;

  const commit = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.slice(0, maxGroup);
      waiting = waiting.slice(maxGroup);
      try {
        const accepted = await store.accept(group.map(({ call }) => call), now());
        for (const [index, { resolve, reject }] of group.entries()) {
          const one = accepted[index];
          if (one === undefined) reject(new Error('The store answered fewer calls than it was given.'));
          else resolve(one);
        }
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    running = false;
  };

  return {
    accept(call) {
      return new Promise((resolve, reject) => {
        waiting.push({ call, resolve, reject });
        if (running) return;
        running = true;
        setImmediate(() => void commit());
      });
    },
  };
}
