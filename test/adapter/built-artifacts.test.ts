import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../src/builder/pipeline.ts';
import { readManifest } from '../../src/manifest/read.ts';
import { runHandler, splitStreamed, type Answer } from './support/artifact-rig.ts';
import { functionUrlEvent, gatewayV1Event } from './support/call-events.ts';

const site = fileURLToPath(new URL('../../fixtures/site', import.meta.url));
const installed = existsSync(path.join(site, 'node_modules/csv-stringify'));
const ricDirectory = process.env['BGFN_RIC_DIR'];
const client = [
  process.execPath,
  path.join(ricDirectory ?? '', 'node_modules/aws-lambda-ric/index.mjs'),
];

/**
 * Runs the zips of the sample site as they would be uploaded. They are unpacked where no
 * node_modules can be reached, and run under the client that Lambda itself uses.
 */
describe.skipIf(!installed || ricDirectory === undefined)(
  "the sample site's zips under AWS's own runtime client (skipped without BGFN_RIC_DIR or the site's packages)",
  () => {
    let directory = '';
    const handlers = new Map<string, string>();

    beforeAll(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'bgfn-built-'));
      await build({
        projectDirectory: site,
        outputDirectory: path.join(directory, 'artifacts'),
        cache: path.join(directory, 'cache'),
      });
      for (const { name, handler, artifact } of (
        await readManifest(path.join(directory, 'artifacts'))
      ).functions) {
        if (
          ![
            'hello-background',
            'stock-report-background',
            'catalog-stream',
            'orders',
            'qr-code',
          ].includes(name)
        ) {
          continue;
        }
        await mkdir(path.join(directory, name));
        await promisify(execFile)('unzip', [
          '-q',
          path.join(directory, 'artifacts', artifact.file),
          '-d',
          path.join(directory, name),
        ]);
        handlers.set(name, handler);
      }
    }, 120_000);
    afterAll(() => rm(directory, { recursive: true, force: true }));

    async function call(
      name: string,
      event: object,
      environment: Record<string, string> = {},
    ): Promise<{ answer: Answer; output: string }> {
      const { answers, output } = await runHandler({
        directory: path.join(directory, name),
        handler: handlers.get(name) ?? '',
        client,
        events: [event],
        environment,
      });
      if (answers[0] === undefined) throw new Error(output);
      return { answer: answers[0], output };
    }

    it('a background function runs to its end', async () => {
      const { answer, output } = await call('hello-background', {
        ...gatewayV1Event,
        path: '/.netlify/functions/hello-background',
        body: '{"name":"Ada","pauseMs":1}',
      });
      expect(answer.kind).toBe('response');
      expect(output).toContain('Hello, Ada! This is request 00000000-0000-4000-8000-000000000001.');
      expect(output).toContain('Done');
    });

    it('a v1 function in callback style runs to its end', async () => {
      const { answer, output } = await call('stock-report-background', {
        ...gatewayV1Event,
        multiValueQueryStringParameters: null,
        queryStringParameters: { below: '20' },
      });
      expect(answer.kind).toBe('response');
      expect(output).toContain('products below 20');
    });

    it('a sync function answers a Function URL and finds its path parameter', async () => {
      const event = {
        ...functionUrlEvent,
        rawPath: '/api/orders/none',
        rawQueryString: '',
        requestContext: {
          ...functionUrlEvent.requestContext,
          http: { method: 'GET', path: '/api/orders/none' },
        },
      };
      const { answer } = await call('orders', event);
      expect(JSON.parse(answer.body.toString())).toMatchObject({
        statusCode: 404,
        body: '{"error":"No order none"}',
      });
    });

    it('a stream sends its head before its body', async () => {
      const { answer } = await call('catalog-stream', functionUrlEvent, {
        BGFN_RESPONSE_MODE: 'streaming',
      });
      expect(answer.contentType).toBe('application/vnd.awslambda.http-integration-response');
      const { head, body } = splitStreamed(answer);
      expect(head).toMatchObject({
        statusCode: 200,
        headers: { 'content-type': 'application/x-ndjson' },
      });
      const lines = body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
      expect(lines).toEqual(
        JSON.parse(await readFile(path.join(site, 'data/products.json'), 'utf8')),
      );
    });

    it('binary answers arrive in base64', async () => {
      const { answer } = await call('qr-code', {
        ...gatewayV1Event,
        httpMethod: 'GET',
        body: null,
        multiValueQueryStringParameters: null,
        queryStringParameters: { text: 'hello' },
      });
      const { body, isBase64Encoded } = JSON.parse(answer.body.toString()) as {
        body: string;
        isBase64Encoded: boolean;
      };
      expect([isBase64Encoded, Buffer.from(body, 'base64').subarray(1, 4).toString()]).toEqual([
        true,
        'PNG',
      ]);
    });
  },
);
