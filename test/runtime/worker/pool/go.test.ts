import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunnableFunction } from '../../../../src/runtime/worker/worker.ts';
import { PoolRig } from '../support/pool-rig.ts';

const goInstalled = spawnSync('go', ['version']).status === 0;
const source = fileURLToPath(new URL('../../../../fixtures/worker/go-function', import.meta.url));

describe.skipIf(!goInstalled)(
  'an unchanged Go binary on aws-lambda-go (skipped without Go)',
  () => {
    const rig = new PoolRig();
    let fn: RunnableFunction;

    beforeAll(async () => {
      const directory = await mkdtemp(path.join(tmpdir(), 'bgfn-go-'));
      await promisify(execFile)(
        'go',
        [
          'build',
          '-tags',
          'lambda.norpc',
          '-ldflags',
          '-s -w',
          '-o',
          path.join(directory, 'bootstrap'),
          '.',
        ],
        {
          cwd: source,
          env: { ...process.env, CGO_ENABLED: '0' },
        },
      );
      fn = {
        name: 'go-function',
        runtime: 'go',
        directory,
        handler: 'bootstrap',
        environment: {},
        version: '1',
      };
    }, 300_000);

    afterAll(async () => {
      await rig.pool.close();
      await rm(fn.directory, { recursive: true, force: true });
    });

    const event = (what: string) => ({
      httpMethod: 'POST',
      path: '/.netlify/functions/go-function',
      headers: {},
      body: 'shout',
      isBase64Encoded: false,
      queryStringParameters: { do: what },
    });

    test('answers an API Gateway proxy event', async () => {
      const { outcome, lines } = await rig.run(fn, event(''));
      expect(outcome).toMatchObject({ kind: 'succeeded', response: { kind: 'buffered' } });
      const response: unknown =
        outcome.kind === 'succeeded' &&
        outcome.response.kind === 'buffered' &&
        JSON.parse(Buffer.from(outcome.response.body).toString());
      expect(response).toMatchObject({
        statusCode: 200,
        body: 'SHOUT',
        headers: { 'X-Request-Id': expect.stringMatching(/^invocation-/) },
      });
      expect(lines.map((line) => line.text)).toEqual([
        'handling POST /.netlify/functions/go-function',
      ]);
    });

    test('sees a deadline', async () => {
      expect(await rig.result(fn, event('deadline'))).toMatchObject({ body: 'true' });
    });

    test('fails with its error and stays warm', async () => {
      expect((await rig.run(fn, event('fail'))).outcome).toMatchObject({
        kind: 'failed',
        failure: { reason: 'error', type: 'errorString', message: 'no such order' },
      });
      expect(await rig.result(fn, event(''))).toMatchObject({ body: 'SHOUT' });
    });

    test('fails with its panic and where it happened', async () => {
      const { outcome } = await rig.run(fn, event('panic'));
      expect(outcome).toMatchObject({
        kind: 'failed',
        failure: {
          reason: 'error',
          message: 'something is very wrong',
          stack: expect.stringContaining('main.go:'),
        },
      });
      expect(await rig.result(fn, event(''))).toMatchObject({ body: 'SHOUT' });
    });

    test('that exits is a crash', async () => {
      expect((await rig.run(fn, event('exit'))).outcome).toMatchObject({
        kind: 'failed',
        failure: { reason: 'crash', message: expect.stringContaining('exited with code 4') },
      });
    });

    test('that hangs is killed at its deadline', async () => {
      expect((await rig.run(fn, event('hang'), { timeoutMs: 500 })).outcome).toMatchObject({
        kind: 'failed',
        failure: { reason: 'timeout' },
      });
    });
  },
);
