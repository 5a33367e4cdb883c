import { describe, expect, test } from 'vitest';
import { recordEnd } from '../../../src/runtime/dispatch/record.ts';
import { StoreUnavailableError } from '../../../src/runtime/queue/store.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A store with these answers, one after the other. A string is the message of an outage. */
function rig(...answers: readonly (boolean | string | Error)[]) {
  const clock = new ManualClock();
  const startedAtMs = clock.monotonicMs();
  const giveUp = new AbortController();
  const triedAtMs: number[] = [];
  const told: string[] = [];
  const left = [...answers];
  const write = (): Promise<boolean> => {
    triedAtMs.push(clock.monotonicMs() - startedAtMs);
    const answer = left.shift();
    if (typeof answer === 'boolean') return Promise.resolve(answer);
    return Promise.reject(typeof answer === 'string' ? new StoreUnavailableError(answer) : answer!);
  };
  const result = recordEnd(write, {
    clock,
    giveUp: giveUp.signal,
    onUnavailable: ({ message }) => told.push(message),
  });
  return { clock, giveUp, triedAtMs, told, result };
}

/** Lets pending promises settle. */
const settled = () => new Promise(setImmediate);

describe('the end of a run', () => {
  test.each([
    [true, 'recorded'],
    [false, 'lost'],
  ] as const)('that the store answers with %s is %s', async (answer, expected) => {
    const { result, triedAtMs } = rig(answer);
    expect(await result).toBe(expected);
    expect(triedAtMs).toEqual([0]);
  });

  test('is written again while the store is unavailable, after growing waits of at most five seconds', async () => {
    const { clock, result, triedAtMs, told } = rig(
      ...Array.from({ length: 8 }, (_, index) => `away ${index}`),
      true,
    );
    for (let ms = 0; ms < 20_000; ms += 100) {
      await settled();
      clock.advance(100);
    }
    expect(await result).toBe('recorded');
    expect(triedAtMs).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 11_300, 16_300]);
    expect(told).toEqual([
      'away 0',
      'away 1',
      'away 2',
      'away 3',
      'away 4',
      'away 5',
      'away 6',
      'away 7',
    ]);
  });

  test('is written once more when recording is given up during a wait', async () => {
    const { giveUp, result, triedAtMs } = rig('away', 'away');
    await settled();
    giveUp.abort();
    expect(await result).toBe('unrecorded');
    expect(triedAtMs).toEqual([0, 0]);
  });

  test('is not written again after a bug of ours', async () => {
    const { result, told } = rig(new TypeError('a bug'));
    await expect(result).rejects.toThrow('a bug');
    expect(told).toEqual([]);
  });
});
