import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPayload } from '../../../src/cli/input/payload.ts';

describe('a payload', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'bgfn-payload-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('from a file keeps its bytes', async () => {
    const file = path.join(directory, 'body');
    await writeFile(file, Buffer.from([0, 255, 10]));
    expect(await readPayload({ payloadFile: file })).toEqual(Uint8Array.from([0, 255, 10]));
  });

  test('from the command line is text, and without either flag there is none', async () => {
    expect(await readPayload({ payload: 'plain' })).toBe('plain');
    expect(await readPayload({})).toBeUndefined();
  });
});
