import { expect, test, vi } from 'vitest';
import { invokeCommand } from '../../../src/cli/commands/invoke.ts';

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
