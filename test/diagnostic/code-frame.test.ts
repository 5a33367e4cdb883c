import { expect, test } from 'vitest';
import { renderCodeFrame } from '../../src/diagnostic/code-frame.ts';
import { didYouMean } from '../../src/diagnostic/did-you-mean.ts';
import { locate } from '../../src/diagnostic/locate.ts';

const source = `export default () => {};\n\nexport const config = {\n\ttimeout: '9',\n};\n`;

test('a frame shows two lines before and after the place, and underlines the place', () => {
  const start = source.indexOf(`'9'`);
  const location = locate('/site/a.ts', source, start, start + 3);
  expect(location).toEqual({ file: '/site/a.ts', line: 4, column: 11, length: 3 });
  expect(renderCodeFrame(source, location)).toBe(
    [
      '  2 |',
      '  3 | export const config = {',
      `> 4 |   timeout: '9',`,
      '    |            ^^^',
      '  5 | };',
    ].join('\n'),
  );
});

test('the underline of a place on several lines stops at the end of the first line', () => {
  const location = locate('/a.ts', source, source.indexOf('{\n\t'), source.length);
  expect(location).toMatchObject({ line: 3, length: 1 });
});

test('Windows line ends and places in the first and last line are shown', () => {
  expect(renderCodeFrame('a\r\nb\r\nc', { file: 'x', line: 2, column: 1 })).toBe(
    '  1 | a\n> 2 | b\n    | ^\n  3 | c',
  );
  expect(renderCodeFrame('', { file: 'x', line: 1, column: 1 })).toBe('> 1 |\n    | ^');
  expect(renderCodeFrame('a', { file: 'x', line: 9, column: 1 })).toBe('');
});

test('a long line is cut around the place', () => {
  const long = `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`;
  const [first = '', caret = ''] = renderCodeFrame(long, {
    file: 'x',
    line: 1,
    column: 5001,
    length: 4,
  }).split('\n');
  expect(first.length).toBeLessThan(140);
  expect(first.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('HERE');
});

test('a similar word is suggested, and a different word is not', () => {
  const keys = ['background', 'schedule', 'timeout', 'path'];
  expect(didYouMean('backgroud', keys)).toBe('background');
  expect(didYouMean('Time_Out', keys)).toBe('timeout');
  expect(didYouMean('runtime', keys)).toBeUndefined();
  expect(didYouMean('x', keys)).toBeUndefined();
});
