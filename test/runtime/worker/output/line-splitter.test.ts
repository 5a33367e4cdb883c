import { expect, test } from 'vitest';
import { LineSplitter } from '../../../../src/runtime/worker/output/line-splitter.ts';

function split(chunks: readonly (string | number[])[], maxLineBytes = 1000): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter(maxLineBytes, (text) => lines.push(text));
  for (const chunk of chunks) {
    splitter.write(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk));
  }
  splitter.flush();
  return lines;
}

test.each<[string, (string | number[])[], string[]]>([
  ['nothing', [], []],
  ['one line', ['a\n'], ['a']],
  ['a line without an end', ['a'], ['a']],
  ['empty lines', ['\n\n'], ['', '']],
  ['Windows line ends', ['a\r\nb\r\n'], ['a', 'b']],
  ['a Windows line end in two chunks', ['a\r', '\nb'], ['a', 'b']],
  ['a carriage return inside', ['50%\r60%\n'], ['50%\r60%']],
  ['a line in three chunks', ['a', 'b', 'c\nd\n'], ['abc', 'd']],
  ['a character in two chunks', [[0xc3], [0xbc, 0x0a]], ['ü']],
  ['an emoji byte by byte', [[0xf0], [0x9f], [0x9a], [0x80], [0x0a]], ['🚀']],
  ['bytes that are no UTF-8', [[0xff, 0x0a]], ['\ufffd']],
])('it splits %s', (_, chunks, lines) => {
  expect(split(chunks)).toEqual(lines);
});

test.each<[string, (string | number[])[], string[]]>([
  ['at once', ['abcdefgh\nnext\n'], ['abcde… [line cut at 5 bytes]', 'next']],
  ['in pieces', ['abc', 'def', 'ghi', 'j\nnext'], ['abcde… [line cut at 5 bytes]', 'next']],
  ['without an end', ['abcdefgh'], ['abcde… [line cut at 5 bytes]']],
  ['in the middle of a character', ['abcdüüü\n'], ['abcd… [line cut at 5 bytes]']],
  ['of exactly the limit not at all', ['abcde\n'], ['abcde']],
])('it cuts a long line that comes %s', (_, chunks, lines) => {
  expect(split(chunks, 5)).toEqual(lines);
});
