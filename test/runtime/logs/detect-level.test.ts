import { expect, test } from 'vitest';
import { detectLevel } from '../../../src/runtime/logs/detect-level.ts';

test.each([
  ['{"level":40,"time":1,"msg":"pino"}', 'warn'],
  ['{"level":"error","message":"winston"}', 'error'],
  ['{"severity":"CRITICAL"}', 'error'],
  ['{"level":10}', 'debug'],
  ['{"level":{}}', undefined],
  ['{"msg":"level=error"}', undefined],
  ['{not json}', undefined],
  ['[warn] disk is nearly full', 'warn'],
  ['WARNING: old', 'warn'],
  ['ERROR something', 'error'],
  ['debug: x=1', 'debug'],
  ['time=2026-01-01T00:00:00Z level=WARN msg="from slog"', 'warn'],
  ['(node:4711) [DEP0040] DeprecationWarning: punycode', 'warn'],
  ['(Use `node --trace-deprecation ...` to show where the warning was created)', 'warn'],
  ['error handling is hard', undefined],
  ['information: none of ours', undefined],
  ['constructor: no', undefined],
  ['Order 12 done', undefined],
  ['', undefined],
])('the line %j says %s', (text, level) => {
  expect(detectLevel(text)).toBe(level);
});
