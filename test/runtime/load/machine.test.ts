import { describe, expect, test } from 'vitest';
import type { ManifestFunction } from '../../../src/manifest/schema.ts';
import { machineProblemOf, thisMachine, type Machine } from '../../../src/runtime/load/machine.ts';
import { temporaryProject } from '../../builder/support/temporary-project.ts';
import { manifestFunction } from '../../targets/support/manifests.ts';
import { rawZip } from '../support/raw-zip.ts';
import { Rig } from '../support/rig.ts';

const intel: Machine = { platform: 'linux', arch: 'x64', emulates: () => false };
const linux = { platform: 'linux', arch: 'x64' };
const go = (extra: Partial<ManifestFunction>): ManifestFunction =>
  manifestFunction('total', {
    runtime: 'go',
    runtimeVersion: 'provided.al2023',
    handler: 'bootstrap',
    mainFile: 'netlify/functions/total.go',
    ...extra,
  });

describe('a Go function', () => {
  test('for this CPU, or for a CPU that the kernel emulates, has no problem', async () => {
    expect(
      await machineProblemOf(go({ architecture: 'x64' }), linux, '/none', intel),
    ).toBeUndefined();
    expect(
      await machineProblemOf(go({ architecture: 'arm64' }), linux, '/none', {
        ...intel,
        emulates: (arch) => arch === 'arm64',
      }),
    ).toBeUndefined();
    expect(
      await machineProblemOf(
        go({ architecture: thisMachine.arch === 'arm64' ? 'arm64' : 'x64' }),
        linux,
        '/none',
        { ...thisMachine, platform: 'linux' },
      ),
    ).toBeUndefined();
  });

  test('for another CPU cannot run, and the message says how it could', async () => {
    const problem = await machineProblemOf(go({ architecture: 'arm64' }), linux, '/none', intel);
    expect(problem).toEqual({
      fatal: true,
      message: expect.stringMatching(
        /^total is built for arm64 and this machine is x64\. .*take `architecture = "arm64"` out of netlify\.toml/,
      ),
    });
    const binary = await machineProblemOf(
      go({ architecture: 'arm64', mainFile: 'netlify/functions/total' }),
      linux,
      '/none',
      intel,
    );
    expect(binary?.message).toContain('put a binary for x64 into the functions directory');
  });

  test('is a Linux program', async () => {
    expect(
      await machineProblemOf(go({ architecture: 'x64' }), linux, '/none', {
        ...intel,
        platform: 'darwin',
      }),
    ).toMatchObject({ fatal: true, message: expect.stringContaining('this machine runs darwin') });
  });
});

describe('a Node function', () => {
  test('runs anywhere without native addons, whatever its architecture is set to', async () => {
    await using extracted = await temporaryProject({ 'report.mjs': '' });
    expect(
      await machineProblemOf(
        manifestFunction('report', { architecture: 'arm64' }),
        linux,
        extracted.directory,
        intel,
      ),
    ).toBeUndefined();
    expect(
      await machineProblemOf(
        manifestFunction('report'),
        { ...linux, platform: 'darwin' },
        extracted.directory,
        intel,
      ),
    ).toBeUndefined();
  });

  test('with native addons for another CPU or system may not start', async () => {
    await using extracted = await temporaryProject({
      'report.mjs': '',
      'node_modules/hash/build/hash.node': '',
    });
    const problem = await machineProblemOf(
      manifestFunction('report', { architecture: 'arm64' }),
      linux,
      extracted.directory,
      intel,
    );
    expect(problem).toEqual({
      fatal: false,
      message: expect.stringMatching(
        /^report has native addons for linux-arm64 and this machine is linux-x64/,
      ),
    });
    expect(
      await machineProblemOf(
        manifestFunction('report', { architecture: 'x64' }),
        { ...linux, platform: 'darwin' },
        extracted.directory,
        intel,
      ),
    ).toMatchObject({ fatal: false });
    expect(
      await machineProblemOf(
        manifestFunction('report', { architecture: 'x64' }),
        linux,
        extracted.directory,
        intel,
      ),
    ).toBeUndefined();
  });
});

test.skipIf(process.platform !== 'linux')(
  'the runtime warns of such functions at its start, and calls of them report why they fail',
  async () => {
    const other = process.arch === 'arm64' ? 'x64' : 'arm64';
    const withAddon = rawZip([
      {
        name: 'report.mjs',
        content:
          'import { createRequire } from "node:module";\ncreateRequire(import.meta.url)("./hash.node");\nexport const handler = async () => ({ statusCode: 200 });\n',
      },
      { name: 'hash.node', content: 'not for here' },
    ]);
    const goFunction = { runtime: 'go', handler: 'bootstrap', architecture: other } as const;
    await using rig = await Rig.start([
      { name: 'total', mainFile: 'netlify/functions/total.go', ...goFunction },
      { name: 'sums-background', mainFile: 'netlify/functions/sums-background.go', ...goFunction },
      { name: 'report', architecture: other, zip: withAddon },
      { name: 'fine' },
    ]);
    for (const name of ['total', 'sums-background', 'report']) {
      expect(
        await rig.line(
          new RegExp(`^${name} (is built|has native addons) for .*and this machine is`),
        ),
      ).toMatchObject({ functionName: name, level: 'warn' });
    }
    const answer = await rig.call('/.netlify/functions/total');
    expect(answer.status).toBe(502);
    expect(await answer.json()).toEqual({
      errorType: 'Runtime.WrongMachine',
      errorMessage: expect.stringContaining(
        `total is built for ${other} and this machine is ${process.arch}.`,
      ),
    });
    expect(await (await rig.call('/.netlify/functions/report')).text()).toMatch(
      new RegExp(`hash\\.node.*\\(report has native addons for linux-${other}`, 's'),
    );
    await rig.call('/.netlify/functions/sums-background', { method: 'POST' });
    await rig.line(/attempt 1 failed .*Runtime\.WrongMachine: sums-background is built for/);
    expect((await rig.call('/.netlify/functions/fine')).status).toBe(200);
  },
);
