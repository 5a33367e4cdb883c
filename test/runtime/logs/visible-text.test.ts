import { expect, test } from 'vitest';
import { formatLogLine } from '../../../src/runtime/logs/format-line.ts';
import { visibleText } from '../../../src/runtime/logs/visible-text.ts';

test.each([
  [
    'colours and cursor movement',
    '\u001b[31mred\u001b[2A\u001b[2K',
    String.raw`\x1b[31mred\x1b[2A\x1b[2K`,
  ],
  [
    'a title or clipboard sequence',
    '\u001b]0;evil\u0007\u009d52;c;AAAA\u009c',
    String.raw`\x1b]0;evil\x07\x9d52;c;AAAA\x9c`,
  ],
  [
    'a carriage return that overwrites the line',
    'all is well\rforged',
    String.raw`all is well\rforged`,
  ],
  ['a reversed direction of writing', 'abc\u202etxt.exe\u2066', String.raw`abc\u202etxt.exe\u2066`],
  ['tabs, umlauts and emoji, which stay', 'a\tü 🎉', 'a\tü 🎉'],
])('a terminal is shown %s', (_what, text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test('an error message cannot forge a line of another function', () => {
  const text =
    'attempt 1 failed: Error: x\n12:00:00.000 billing-background AAAAAAAA#1 succeeded in 5 ms';
  const lines = formatLogLine(
    { atMs: 0, functionName: 'evil', stream: 'platform', level: 'error', text },
    0,
  ).split('\n');
  expect(lines[0]).toMatch(/^00:00:00\.000 evil attempt 1 failed/);
  expect(lines[1]).toBe('    12:00:00.000 billing-background AAAAAAAA#1 succeeded in 5 ms');
});

test('a line of another day has its date', () => {
  const atMs = Date.parse('2026-05-01T23:59:59.999Z');
  const line = {
    atMs,
    functionName: 'mail',
    stream: 'stdout',
    level: 'info',
    text: 'sent',
  } as const;
  expect(formatLogLine(line, atMs)).toBe('23:59:59.999 mail sent');
  expect(formatLogLine(line, atMs + 1)).toBe('2026-05-01 23:59:59.999 mail sent');
});
