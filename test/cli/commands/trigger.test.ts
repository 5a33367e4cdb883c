import { expect, test } from 'vitest';
import { triggerCommand } from '../../../src/cli/commands/trigger.ts';

test('an event whose payload is not JSON is refused before anything is sent', async () => {
  await expect(
    triggerCommand().exitOverride().parseAsync(['node', 'bgfn', 'deploy-failed', '--payload', '{']),
  ).rejects.toThrow('The payload of an event is JSON');
});
