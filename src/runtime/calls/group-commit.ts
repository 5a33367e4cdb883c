import type { Accepted, NewCall, Store } from '../queue/store.ts';

/** Gathers single calls into groups that are stored in one commit. */
export interface GroupCommit {
  /**
   * Puts the call into the next commit and resolves once that is durable. Rejects with
   * `StoreUnavailableError` when it failed: then nothing was accepted.
   */
  add(call: NewCall): Promise<Accepted>;
}

interface Waiting {
  readonly call: NewCall;
  readonly resolve: (accepted: Accepted) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds one transaction: the calls beyond this number go into the next one. */
const maxGroup = 512;

/**
 * Creates a group commit. The calls that arrive in one turn of the event loop, or while the store
 * is busy, share the next commit and its one wait for the disk; a lone call waits for nothing else.
 * No caller hears of its call before the commit is durable. There is one commit at a time: two at
 * once would be groups of half the size, and the cost of a commit hardly depends on the size.
 *
 * @param onStored Called once for each durable group, after its callers were told, with the names
 *   of the functions that it calls.
 */
export function createGroupCommit(
  store: Pick<Store, 'accept'>,
  now: () => number,
  onStored: (functionNames: ReadonlySet<string>) => void = () => {},
): GroupCommit {
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
    add(call) {
      return new Promise((resolve, reject) => {
        waiting.push({ call, resolve, reject });
        if (state === 'idle') plan();
      });
    },
  };
}
