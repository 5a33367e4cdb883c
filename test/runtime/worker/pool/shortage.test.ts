import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('programs/short-of-files.ts', import.meta.url));

describe.skipIf(process.platform !== 'linux')('a process that cannot open another file', () => {
  // 0: no listener; 1: a listener, but no pipes; 3: one of the two pipes.
  test.each(['0', '1', '3'])(
    'reports that nothing was started, keeps running, and starts the function later (%s left)',
    async (left) => {
      const { stdout } = await promisify(execFile)('/bin/sh', [
        '-c',
        'ulimit -n 100; exec "$0" "$1" "$2"',
        process.execPath,
        program,
        left,
      ]);
      expect(JSON.parse(stdout)).toMatchObject([
        {
          kind: 'not-started',
          failure: {
            reason: 'init',
            type: 'Runtime.SpawnError',
            message: expect.stringContaining('EMFILE'),
          },
        },
        { kind: 'succeeded' },
      ]);
    },
  );
});
