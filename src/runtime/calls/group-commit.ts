import type { Accepted, NewCall, Store } from '../queue/store.ts';

/** Gathers single calls into groups that are stored in one commit. */
export interface GroupCommit {
  /**
   * Puts the call into the next commit and resolves once the commit is durable. Rejects with
   * `StoreUnavailableError` if the commit failed: then the call was not accepted.
   */
  add(call: NewCall): Promise<Accepted>;
}

export interface GroupCommitOptions {
  readonly store: Pick<Store, 'accept'>;
  readonly now: () => number;
  /**
   * Called once for each durable group, after the promises of its callers were resolved, with the
   * names of the functions that the group calls.
   */
  readonly onStored: (functionNames: ReadonlySet<string>) => void;
  /** Reports an exception of `onStored`: a bug in the runtime, which fails no accepted call. */
  readonly onInternalError: (error: unknown) => void;
}

interface WaitingCall {
  readonly call: NewCall;
  readonly resolve: (accepted: Accepted) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds one transaction: the calls beyond this number go into the next transaction. */
const maxGroup = 512;

/**
 * Creates a group commit. The calls that arrive in one turn of the event loop, or while the store
 * is busy, share the next commit and its one wait for the disk; a single call is not delayed to
 * wait for others. No promise resolves before its commit is durable. Only one commit runs at a
 * time: two concurrent commits would have groups of half the size, and the cost of a commit hardly
 * depends on the size.
 */
export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { store, now, onStored, onInternalError } = options;
  let waiting: WaitingCall[] = [];
  let state: 'idle' | 'gathering' | 'committing' = 'idle';

  const scheduleCommit = (): void => {
    state = waiting.length === 0 ? 'idle' : 'gathering';
    if (state === 'gathering') setImmediate(commitGroup);
  };

  const commitGroup = async (): Promise<void> => {
    const group = waiting.slice(0, maxGroup);
    waiting = waiting.slice(maxGroup);
    state = 'committing';
    if (await storeGroup(group, store, now())) {
      try {
        onStored(new Set(group.map(({ call }) => call.functionName)));
      } catch (error) {
        onInternalError(error);
      }
    }
    scheduleCommit();
  };

  return {
    add(call) {
      return new Promise((resolve, reject) => {
        waiting.push({ call, resolve, reject });
        if (state === 'idle') scheduleCommit();
      });
    },
  };
}

/** Stores a group and settles the promises of its callers. Returns whether the group is durable. */
async function storeGroup(
  group: readonly WaitingCall[],
  store: Pick<Store, 'accept'>,
  nowMs: number,
): Promise<boolean> {
  let accepted: readonly Accepted[];
  try {
    accepted = await store.accept(
      group.map(({ call }) => call),
      nowMs,
    );
  } catch (error) {
    for (const { reject } of group) reject(error);
    return false;
  }
  for (const [index, { resolve, reject }] of group.entries()) {
    const result = accepted[index];
    if (result === undefined) {
      reject(new Error('The store answered fewer calls than it was given.'));
    } else {
      resolve(result);
    }
  }
  return true;
}
