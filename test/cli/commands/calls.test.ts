import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { invokeCommand } from '../../../src/cli/commands/invoke.ts';
import { triggerCommand } from '../../../src/cli/commands/trigger.ts';
import { readPayload } from '../../../src/cli/input/payload.ts';

describe('calls that cannot be made', () => {
  test.each([
    [['-H', 'no-colon'], '"no-colon" is not a header.'],
    [['-H', 'a b: c'], '"a b: c" is not a header'],
    [['-X', 'GET', '--payload', '{}'], 'This call cannot be made'],
    [['-X', 'bad method'], 'This call cannot be made'],
    [['--payload', '{}', '--payload-file', 'x'], 'Give --payload or --payload-file, not both.'],
    [['--payload-file', 'missing.json'], 'The payload file missing.json cannot be read'],
    [['--url', 'nonsense'], 'expected an address such as http://127.0.0.1:8888'],
    [['--url', 'ftp://127.0.0.1'], 'expected an address such as http://127.0.0.1:8888'],
  ])('invoke %j is a usage error and no unreachable runtime', async (flags, message) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const command = invokeCommand().exitOverride();
    await expect(command.parseAsync(['node', 'bgfn', 'hello', ...flags])).rejects.toThrow(message);
  });

  test('an event whose payload is no JSON is refused before anything is sent', async () => {
    await expect(
      triggerCommand()
        .exitOverride()
        .parseAsync(['node', 'bgfn', 'deploy-failed', '--payload', '{']),
    ).rejects.toThrow('The payload of an event is JSON');
  });
});

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
