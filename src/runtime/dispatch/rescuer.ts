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
 * Finds runs whose runtime died: at once when the process is known to be dead, else when their
 * lease expires.
 *
 * Leases are times of the wall clock. When it jumps forward (or the machine slept, or the store was
 * away), leases of living owners look expired before those owners could extend them; expiry is then
 * ignored for one lease period. When it jumps back by n, the death of an owner on another machine
 * is noticed up to n later, and a waiting retry comes up to n later; nothing is lost and nothing
 * runs twice.
 */
export class Rescuer {
  readonly #options: RescuerOptions;
  #lastRunMs: number | undefined;
  #trustExpiryFromMs = Number.NEGATIVE_INFINITY;
  #seen: { readonly wallMs: number; readonly monotonicMs: number } | undefined;

  constructor(options: RescuerOptions) {
    this.#options = options;
  }

  /** Compares the wall clock with the monotonic one. To be called often. */
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

  /** Gives living owners, who may have been unable to extend their leases, the time to do so. */
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
      // A store that we cannot write to may keep the others from extending their leases.
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
