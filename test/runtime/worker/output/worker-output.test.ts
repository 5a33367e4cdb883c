import { describe, expect, test } from 'vitest';
import { behaviour, PoolRig } from '../support/pool-rig.ts';

describe('what a function prints', () => {
  test('is complete, in order and by stream, when the run resolves', async () => {
    await using rig = new PoolRig();
    for (let round = 0; round < 20; round += 1) {
      const writes = Array.from({ length: 50 }, (_, n) => ['stdout', `round ${round} line ${n}\n`]);
      const { lines } = await rig.run(behaviour('prints'), {
        writes: [...writes, ['stderr', 'an error\n']],
      });
      expect(lines.filter((line) => line.stream === 'stdout').map((line) => line.text)).toEqual(
        writes.map(([, text]) => text!.trimEnd()),
      );
      expect(lines.filter((line) => line.stream === 'stderr').map((line) => line.text)).toEqual([
        'an error',
      ]);
    }
    expect(rig.betweenRuns).toEqual([]);
  });

  test('is complete when the process exits right after', async () => {
    await using rig = new PoolRig();
    const { lines } = await rig.run(behaviour('prints-then-exits'));
    expect(lines).toHaveLength(5000);
    expect(lines.at(-1)!.text).toMatch(/^line 5000 y+$/);
  });

  test('keeps characters that are split over chunks, and a last line without a newline', async () => {
    await using rig = new PoolRig();
    const { lines } = await rig.run(behaviour('prints'), {
      writes: [
        ['stdout', 'grün'],
        ['stdout', ' 🚀\r\n\nlast'],
      ],
    });
    expect(lines.map((line) => line.text)).toEqual(['grün 🚀', '', 'last']);
  });

  test('is cut when a line is too long', async () => {
    await using rig = new PoolRig({ outputLimits: { maxLineBytes: 11, maxRunBytes: 10_000 } });
    const { lines } = await rig.run(behaviour('prints'), {
      writes: [['stdout', 'ääääääää and more\nshort\n']],
    });
    expect(lines.map((line) => line.text)).toEqual(['äääää… [line cut at 11 bytes]', 'short']);
  });

  test('between runs goes to the pool, not to the next run', async () => {
    await using rig = new PoolRig();
    const pid = await rig.result<number>(behaviour('prints-on-signal'));
    process.kill(pid, 'SIGUSR2');
    await rig.lineBetweenRuns(/got SIGUSR2/);
    expect((await rig.run(behaviour('prints-on-signal'))).lines).toEqual([]);
  });

  test('is dropped beyond the budget of a run, which one line reports, and the next run has a budget of its own', async () => {
    await using rig = new PoolRig({ outputLimits: { maxLineBytes: 1000, maxRunBytes: 100_000 } });
    const before = process.memoryUsage.rss();
    const { outcome, lines } = await rig.run(behaviour('floods-stdout'), { megabytes: 300 });
    expect(outcome.kind).toBe('succeeded');
    expect(lines.length).toBeLessThan(1000);
    const platform = lines.filter((line) => line.stream === 'platform');
    expect(platform).toHaveLength(1);
    const dropped = Number(/^(\d+) bytes of output were dropped/.exec(platform[0]!.text)?.[1]);
    const kept = lines.filter((line) => line.stream === 'stdout').length * 100;
    expect(dropped + kept).toBeGreaterThan(299_990_000);
    expect(dropped + kept).toBeLessThanOrEqual(300_000_020);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000);
    expect(
      (await rig.run(behaviour('floods-stdout'), { megabytes: 0 })).lines.map((line) => line.text),
    ).toEqual(['the last line']);
  });
});
