import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunnableFunction } from '../../../../src/runtime/worker/worker.ts';
import { behaviour, behaviours, PoolRig } from '../support/pool-rig.ts';

const ricDirectory = process.env['BGFN_RIC_DIR'];

/** Tests the other side of the conformance: the runtime client of AWS, started as a custom runtime. */
describe.skipIf(ricDirectory === undefined)(
  "AWS's own runtime client against our Runtime API (skipped without BGFN_RIC_DIR)",
  () => {
    const rig = new PoolRig();
    const directories: string[] = [];
    const custom = new Map<string, RunnableFunction>();

    async function underRic(name: string): Promise<RunnableFunction> {
      const directory = await mkdtemp(path.join(tmpdir(), 'bgfn-ric-'));
      directories.push(directory);
      const client = path.join(ricDirectory ?? '', 'node_modules/aws-lambda-ric/index.mjs');
      await writeFile(
        path.join(directory, 'bootstrap'),
        `#!/bin/sh\nexport LAMBDA_TASK_ROOT='${behaviours}'\ncd "$LAMBDA_TASK_ROOT"\nexec '${process.execPath}' '${client}' ${name}.handler\n`,
        { mode: 0o755 },
      );
      return { ...behaviour(name), runtime: 'go', directory, handler: `${name}.handler` };
    }

    beforeAll(async () => {
      for (const name of [
        'echoes',
        'throws',
        'fails-to-load',
        'returns-much',
        'streams',
        'exits',
        'throws-uncaught',
      ]) {
        custom.set(name, await underRic(name));
      }
    });
    afterAll(async () => {
      await rig.pool.close();
      for (const directory of directories) await rm(directory, { recursive: true, force: true });
    });

    const run = async (name: string, event: unknown = {}) =>
      (await rig.run(custom.get(name)!, event)).outcome;

    test('takes invocations and answers them', async () => {
      expect(await rig.result(custom.get('echoes')!, { n: 1 })).toMatchObject({
        event: { n: 1 },
        requestId: 'invocation-1',
      });
      expect(await rig.result(custom.get('echoes')!, { n: 2 })).toMatchObject({ event: { n: 2 } });
    });

    test('reports errors with their stack', async () => {
      expect(await run('throws')).toMatchObject({
        kind: 'failed',
        failure: {
          reason: 'error',
          type: 'TypeError',
          message: 'no such order',
          stack: expect.stringContaining('throws.mjs:3'),
        },
      });
    });

    test('ends with an uncaught error, which is a crash', async () => {
      expect(await run('throws-uncaught')).toMatchObject({
        kind: 'failed',
        failure: { reason: 'crash' },
      });
    });

    test('reports that a module cannot be loaded', async () => {
      expect(await run('fails-to-load')).toMatchObject({
        kind: 'failed',
        failure: {
          reason: 'init',
          message: expect.stringContaining('the module has a fault of its own'),
        },
      });
    });

    test('learns that a response is too large', async () => {
      expect(await run('returns-much', { bytes: 6_300_000 })).toMatchObject({
        kind: 'failed',
        failure: { type: 'Function.ResponseSizeTooLarge' },
      });
      expect(await run('returns-much', { bytes: 1000 })).toMatchObject({ kind: 'succeeded' });
    });

    test('exits, which is a crash', async () => {
      expect(await run('exits', { code: 5 })).toMatchObject({
        kind: 'failed',
        failure: { reason: expect.stringMatching(/crash|error/) },
      });
    });

    test('streams, and breaks a stream with its error', async () => {
      const whole = await run('streams', { chunks: ['one ', 'two'] });
      if (whole.kind !== 'succeeded' || whole.response.kind !== 'streamed') {
        throw new Error(`No stream: ${JSON.stringify(whole)}`);
      }
      expect(whole.response).toMatchObject({
        statusCode: 201,
        headers: [
          ['content-type', 'text/plain'],
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ],
      });
      expect(await new Response(whole.response.body).text()).toBe('one two');
      const broken = await run('streams', { failAfter: true, chunks: ['begun'] });
      if (broken.kind !== 'succeeded' || broken.response.kind !== 'streamed') {
        throw new Error(`No stream: ${JSON.stringify(broken)}`);
      }
      await expect(new Response(broken.response.body).text()).rejects.toThrow(
        'failed in the middle',
      );
    });
  },
);
