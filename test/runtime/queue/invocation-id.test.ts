import { describe, expect, test } from 'vitest';
import { createIdGenerator } from '../../../src/runtime/queue/invocation-id.ts';

describe('invocation ids', () => {
  test('sort by time and never repeat', () => {
    const next = createIdGenerator();
    const ids = [0, 1, 2 ** 32, 1_795_470_025_065, 2 ** 48 - 1].map((nowMs) => next(nowMs));
    expect(ids.toSorted()).toEqual(ids);
    expect(ids[0]).toMatch(/^0{10}[0-9A-HJKMNP-TV-Z]{16}$/);
    expect(new Set(Array.from({ length: 10_000 }, () => next(1))).size).toBe(10_000);
  });
});
