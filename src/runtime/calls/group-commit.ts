import type { Accepted, NewInvocation, Store } from '../queue/store.ts';

/** Turns single calls into group commits. */
export interface Acceptor {
  /**
   * Resolves once the call is durable. Rejects with `StoreUnavailableError` when it could not be
   * stored: then nothing was accepted.
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
 * Group commit: the calls that arrive in one turn of the event loop, or while the store is busy,
 * share the next commit and its one wait for the disk. A lone call waits for nothing. No caller
 * hears of its call before its commit is durable. One commit at a time: two at once would be groups
 * of half the size, and what a group costs hardly depends on it.
 *
 * @param onStored Called once for each group that became durable, after its callers were told, with
 *   the functions it calls.
 */
export function createAcceptor(
  store: Pick<Store, 'accept'>,
  now: () => number,
  onStored: (functionNames: ReadonlySet<string>) => void = () => {},
): Acceptor {
  let waiting: Waiting[] = [];
  let state: 'idle' | 'gathering' | 'committing' = 'idle';

  const plan = (): void => {
    state = waiting.length === 0 ? 'idle' : 'gathering';
    if (state === 'gathering') setImmediate(commitGroup);
  };

  const commitGroup = async (): Promise<void> => {
    const group = waiting.slice(0, maxGroup);
    waiting = waiting.slice(maxGroup);
    state = 'committing';
    try {
      const accepted = await store.accept(
        group.map(({ call }) => call),
        now(),
      );
      for (const [index, { resolve, reject }] of group.entries()) {
        const one = accepted[index];
        if (one === undefined) {
          reject(new Error('The store answered fewer calls than it was given.'));
        } else {
          resolve(one);
        }
      }
      onStored(new Set(group.map(({ call }) => call.functionName)));
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      plan();
    }
  };

  return {
    accept(call) {
      return new Promise((resolve, reject) => {
        waiting.push({ call, resolve, reject });
        if (state === 'idle') plan();
      });
    },
  };
}
