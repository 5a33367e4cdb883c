import type { Clock } from '../platform/clock.ts';
import type { Invocation } from '../queue/invocation.ts';
import type { OwnerRecord, Store } from '../queue/store.ts';
import { clockJumpMs, leaseMs, rescueEveryMs } from './limits.ts';

export interface RescuerOptions {
  readonly store: Pick<Store, 'rescue' | 'owners' | 'removeOwners'>;
  readonly clock: Clock;
  readonly owner: OwnerRecord;
  readonly isDead: (owner: OwnerRecord) => boolean;
  readonly retryDelaysSeconds?: readonly number[] | undefined;
}

/**
 * Rescues runs whose runtime died: at once if the process is known to be dead, otherwise when their
 * lease has expired.
 *
 * The expiry of a lease is a time of the wall clock. After a jump forward (or after the machine
 * slept or the store was unavailable), leases of living owners look expired before these owners
 * could extend them, so expiry is ignored for one lease period. After a jump back by n, the death
 * of an owner on another machine is noticed up to n later, and a waiting retry starts up to n
 * later; nothing is lost and nothing runs twice.
 */
export class Rescuer {
  readonly #options: RescuerOptions;
  #lastRunMs: number | undefined;
  #trustExpiryFromMs = Number.NEGATIVE_INFINITY;
  #seen: { readonly wallMs: number; readonly monotonicMs: number } | undefined;

  constructor(options: RescuerOptions) {
    this.#options = options;
  }

  /** Compares the wall clock with the monotonic clock. Must be called often. */
  observe(nowMs: number): void {
    const monotonicMs = this.#options.clock.monotonicMs();
    if (
      this.#seen !== undefined &&
      nowMs - this.#seen.wallMs - (monotonicMs - this.#seen.monotonicMs) > clockJumpMs
    ) {
      this.distrustExpiry();
    }
    this.#seen = { wallMs: nowMs, monotonicMs };
  }

  /** Ignores expiry for one lease period, in which living owners can extend their leases again. */
  distrustExpiry(): void {
    this.#trustExpiryFromMs = this.#options.clock.monotonicMs() + leaseMs;
  }

  get isDue(): boolean {
    return (
      this.#lastRunMs === undefined ||
      this.#options.clock.monotonicMs() - this.#lastRunMs >= rescueEveryMs
    );
  }

  async run(nowMs: number): Promise<readonly Invocation[]> {
    try {
      return await this.#rescue(nowMs);
    } catch (error) {
      // While this process cannot write to the store, others may be unable to extend their leases.
      this.distrustExpiry();
      throw error;
    }
  }

  async #rescue(nowMs: number): Promise<readonly Invocation[]> {
    const { store, clock, owner, isDead, retryDelaysSeconds } = this.#options;
    const dead = (await store.owners())
      .filter((other) => other.id !== owner.id && isDead(other))
      .map(({ id }) => id);
    const rescued = await store.rescue(nowMs, {
      deadOwners: dead,
      expired: clock.monotonicMs() >= this.#trustExpiryFromMs,
      delaysSeconds: retryDelaysSeconds,
    });
    if (dead.length > 0) {
      await store.removeOwners(dead);
    }
    this.#lastRunMs = clock.monotonicMs();
    return rescued;
  }
}
