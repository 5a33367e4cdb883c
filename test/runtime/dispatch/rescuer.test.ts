import { describe, expect, test } from 'vitest';
import { Rescuer, type RescuerOptions } from '../../../src/runtime/dispatch/rescuer.ts';
import type { Invocation } from '../../../src/runtime/queue/invocation.ts';
import type { OwnerRecord, Store } from '../../../src/runtime/queue/store.ts';
import { ManualClock } from '../support/manual-clock.ts';

const owner = (id: string): OwnerRecord => ({
  id,
  place: 'here',
  pid: 1,
  processStart: '1',
  registeredAtMs: 0,
});
const rescued = [{ id: 'a' } as Invocation];

function rig(options: Partial<RescuerOptions> = {}) {
  const clock = new ManualClock();
  const asked: Parameters<Store['rescue']>[] = [];
  const removed: (readonly string[])[] = [];
  const store: RescuerOptions['store'] = {
    owners: () => Promise.resolve(['one', 'alive', 'dead', 'dead too'].map(owner)),
    rescue: (...call) => {
      asked.push(call);
      return Promise.resolve(rescued);
    },
    removeOwners: (ids) => {
      removed.push(ids);
      return Promise.resolve();
    },
  };
  const rescuer = new Rescuer({
    store,
    clock,
    owner: owner('one'),
    isDead: ({ id }) => id.startsWith('dead'),
    ...options,
  });
  return {
    clock,
    asked,
    removed,
    rescuer,
    trustsExpiry: async () => (await rescuer.run(clock.nowMs()), asked.at(-1)?.[1]?.expired),
  };
}

describe('the rescuer', () => {
  test('rescues at once from owners that are dead, and removes them', async () => {
    const { clock, asked, removed, rescuer } = rig();
    expect(await rescuer.run(clock.nowMs())).toBe(rescued);
    expect(asked).toStrictEqual([
      [
        clock.nowMs(),
        { deadOwners: ['dead', 'dead too'], expired: true, delaysSeconds: undefined },
      ],
    ]);
    expect(removed).toEqual([['dead', 'dead too']]);
  });

  test('never considers itself dead, and removes only dead owners', async () => {
    const everybody = rig({ isDead: () => true });
    await everybody.rescuer.run(0);
    expect(everybody.removed).toEqual([['alive', 'dead', 'dead too']]);
    const somebody = rig({ isDead: ({ id }) => id === 'dead' });
    await somebody.rescuer.run(0);
    expect(somebody.removed).toEqual([['dead']]);
    const nobody = rig({ isDead: () => false });
    await nobody.rescuer.run(0);
    expect(nobody.removed).toEqual([]);
  });

  test('passes the delays for development to the store', async () => {
    const { asked, rescuer } = rig({ retryDelaysSeconds: [2, 4] });
    await rescuer.run(0);
    expect(asked[0]?.[1]).toMatchObject({ delaysSeconds: [2, 4] });
  });

  test('is due at the start, and then every ten seconds', async () => {
    const { clock, rescuer } = rig();
    expect(rescuer.isDue).toBe(true);
    clock.advance(1_000_000);
    await rescuer.run(clock.nowMs());
    clock.advance(9999);
    expect(rescuer.isDue).toBe(false);
    clock.advance(1);
    expect(rescuer.isDue).toBe(true);
  });

  test.each([
    ['ahead by more than five seconds', 5001, false],
    ['ahead by five seconds', 5000, true],
    ['back', -3_600_000, true],
  ])('when the wall clock jumps %s acts on expired leases: %s', async (_, jumpMs, trusts) => {
    const { clock, rescuer, trustsExpiry } = rig();
    rescuer.observe(clock.nowMs());
    clock.advance(60_000);
    rescuer.observe(clock.nowMs());
    expect(await trustsExpiry()).toBe(true);
    clock.jump(jumpMs);
    rescuer.observe(clock.nowMs());
    expect(await trustsExpiry()).toBe(trusts);
  });

  test('gives living owners one lease period to extend their leases', async () => {
    const { clock, rescuer, trustsExpiry } = rig();
    rescuer.distrustExpiry();
    clock.advance(29_999);
    expect(await trustsExpiry()).toBe(false);
    clock.advance(1);
    expect(await trustsExpiry()).toBe(true);
  });
});
