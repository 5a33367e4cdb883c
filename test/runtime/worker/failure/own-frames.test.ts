import { describe, expect, test } from 'vitest';
import { withoutOwnFrames } from '../../../../src/runtime/worker/failure/own-frames.ts';

const worker = new URL('../../../../src/runtime/worker/', import.meta.url).href;
const loop = `    at async InvocationLoop.run (${worker}client/invocation-loop.ts:35:7)`;
const program = `    at async ${worker}client/node-client.ts:34:3`;
const adapter = '    at async A (file:///site/.bgfn/functions/pay-1/bgfn-adapter.mjs:1:7155)';
const ticks = '    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)';
const author = '    at pay (file:///site/.bgfn/functions/pay-1/pay.mjs:12:9)';

function cut(...lines: string[]): string[] {
  return withoutOwnFrames(lines.join('\n'), {}).split('\n');
}

describe('a stack without the frames of bgfn', () => {
  test('ends where the author’s code was called', () => {
    expect(cut('Error: no', author, ticks, adapter, loop, program)).toEqual(['Error: no', author]);
  });
  test('keeps frames between two frames of the author', () => {
    expect(cut('Error: no', author, adapter, ticks, author, loop)).toEqual([
      'Error: no',
      author,
      adapter,
      ticks,
      author,
    ]);
  });
  test('keeps the frames of Node at the end if no frame of bgfn is among them', () => {
    expect(cut('Error: no', author, ticks)).toEqual(['Error: no', author, ticks]);
  });
  test('keeps properties and causes, and cuts the frames of causes as well', () => {
    expect(
      cut(
        'Error: no',
        author,
        adapter,
        `${program} {`,
        "  code: 'E',",
        '  [cause]: Error: why',
        `  ${author}`,
        `  ${loop}`,
        '}',
      ),
    ).toEqual([
      'Error: no',
      `${author} {`,
      "  code: 'E',",
      '  [cause]: Error: why',
      `  ${author}`,
      '}',
    ]);
  });
  test('does not mention the frames that an error shares with its cause', () => {
    expect(
      cut(
        'Error: no',
        author,
        ticks,
        '    ... 4 lines matching cause stack trace ... {',
        '  [cause]: Error: why',
        `  ${author}`,
        `  ${loop}`,
        '}',
      ),
    ).toEqual(['Error: no', `${author} {`, '  [cause]: Error: why', `  ${author}`, '}']);
  });
  test('is the message alone if all frames belong to bgfn', () => {
    expect(cut('Error: no', adapter, `${loop} {`, '  code: 1', '}')).toEqual([
      'Error: no {',
      '  code: 1',
      '}',
    ]);
  });
  test('keeps frames of files with similar names', () => {
    const similar = '    at f (file:///site/src/runtime/worker/client/invocation-loop.ts:1:1)';
    expect(cut('Error: no', similar)).toEqual(['Error: no', similar]);
  });
  test('is not cut with BGFN_DEBUG', () => {
    const stack = ['Error: no', author, adapter, loop].join('\n');
    expect(withoutOwnFrames(stack, { BGFN_DEBUG: '1' })).toBe(stack);
  });
});
