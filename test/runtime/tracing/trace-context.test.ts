import { describe, expect, test } from 'vitest';
import {
  formatTraceparent,
  newTraceparent,
  parseTraceparent,
  traceOf,
} from '../../../src/runtime/tracing/trace-context.ts';
import { passThrough } from '../../../src/runtime/tracing/tracing.ts';

const good = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('a traceparent', () => {
  test('is read and written', () => {
    const parsed = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      isSampled: true,
    };
    expect(parseTraceparent(good)).toEqual(parsed);
    expect(formatTraceparent(parsed)).toBe(good);
  });

  test.each([
    [
      'of a later version, with more at its end',
      'cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what',
    ],
    [
      'with flags that are not defined yet',
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff',
    ],
  ])('%s is read', (_what, text) => {
    expect(parseTraceparent(text)?.isSampled).toBe(true);
  });

  test.each([
    undefined,
    '',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    `${good}-more`,
    `${good}, ${good}`,
  ])('%j is none', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });

  test('is new each time', () => {
    const made = Array.from({ length: 300 }, () => newTraceparent());
    expect(new Set(made).size).toBe(300);
    expect(made.every((text) => parseTraceparent(text)?.isSampled)).toBe(true);
  });
});

test('a request has exactly one traceparent; tracestate counts only beside it', () => {
  expect(traceOf(['Traceparent', good, 'TraceState', 'a=1', 'tracestate', 'b=2'])).toEqual({
    traceparent: good,
    tracestate: 'a=1,b=2',
  });
  expect(traceOf(['traceparent', good, 'traceparent', good])).toBeUndefined();
  expect(traceOf(['traceparent', 'x', 'tracestate', 'a=1'])).toBeUndefined();
  expect(traceOf([])).toBeUndefined();
});

test('without OpenTelemetry the trace of the caller is passed on, and no attempt replaces it', () => {
  const call = {
    functionName: 'f',
    invocationId: 'i',
    mode: 'background',
    method: 'POST',
    path: '/f',
  } as const;
  expect(passThrough.startCall({ ...call, rawHeaders: ['traceparent', good] }).headers).toEqual({
    traceparent: good,
  });
  expect(
    parseTraceparent(passThrough.startCall({ ...call, rawHeaders: [] }).headers.traceparent),
  ).toBeDefined();
  expect(
    passThrough.attempt({
      functionName: 'f',
      invocationId: 'i',
      attempt: 1,
      maxAttempts: 3,
      waitedFromMs: 0,
      startedAtMs: 1,
      headers: () => ({}),
    }).headers,
  ).toBeUndefined();
});
