import { execFile, spawnSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../src/builder/pipeline.ts';
import { eventTemplate, type BodyForm } from '../../src/targets/aws/ingress.ts';
import { temporaryProject, type TemporaryProject } from '../builder/support/temporary-project.ts';
import { lambdaRie, startRie, type Rie } from './support/lambda-rie.ts';
import { velocityJs } from './support/velocity.ts';

const run = promisify(execFile);
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
const goInstalled = spawnSync('go', ['version']).status === 0;
const ricDirectory = process.env.BGFN_RIC_DIR;

/** The event that the HTTP API's mapping template makes from a POST. */
async function post(
  body: unknown,
  { at = '/.netlify/functions/f', form = 'base64' }: { at?: string; form?: BodyForm } = {},
): Promise<string> {
  return await velocityJs().render(eventTemplate(form), {
    headers: {
      Host: 'site.example',
      'Content-Type': 'application/json',
      'X-Forwarded-Proto': 'https',
    },
    query: {},
    pathParameters: {},
    body: Buffer.from(JSON.stringify(body)).toString('base64'),
    context: {
      resourcePath: at,
      path: `/production${at}`,
      stage: 'production',
      httpMethod: 'POST',
      requestId: 'gateway-1',
      'identity.sourceIp': '203.0.113.9',
    },
  });
}
const plain = (body: string, query: Record<string, string> = {}): string =>
  JSON.stringify({
    httpMethod: 'POST',
    path: '/',
    headers: {},
    queryStringParameters: query,
    body,
    isBase64Encoded: false,
  });

async function unpack(project: TemporaryProject, name: string): Promise<string> {
  await run('unzip', [
    '-q',
    '-o',
    project.path('.netlify/functions', `${name}.zip`),
    '-d',
    project.path(`unzipped-${name}`),
  ]);
  return project.path(`unzipped-${name}`);
}

describe.skipIf(lambdaRie === undefined || !goInstalled)(
  "Go artifacts under Amazon's emulator, aws-lambda-rie (needs BGFN_LAMBDA_RIE and Go)",
  () => {
    let project: TemporaryProject;
    beforeAll(async () => {
      project = await temporaryProject();
      await cp(fixture('go-site'), project.directory, { recursive: true });
      await cp(fixture('worker/go-function'), project.path('netlify/functions/troubled'), {
        recursive: true,
      });
      await build({ projectDirectory: project.directory });
    }, 300_000);
    afterAll(() => project[Symbol.asyncDispose]());

    async function start(name: string): Promise<Rie> {
      const directory = await unpack(project, name);
      return await startRie({ command: [path.join(directory, 'bootstrap')], directory });
    }

    test('sync functions answer', async () => {
      await using total = await start('total');
      expect(JSON.parse(await total.invoke(plain('[150, 275]')))).toMatchObject({
        statusCode: 200,
        body: '4.25 EUR',
      });
      await using letter = await start('letter');
      expect(JSON.parse(await letter.invoke(plain('Ada')))).toMatchObject({
        statusCode: 200,
        body: 'Dear Ada, your order is on its way.',
      });
      await using greet = await start('greet');
      expect(JSON.parse(await greet.invoke(plain('', { name: 'Ada' })))).toMatchObject({
        statusCode: 200,
        body: 'Hello, Ada!',
      });
    });

    test('a background function runs, fails with its error, and stays warm', async () => {
      await using rie = await start('changelog-background');
      expect(await rie.invoke(plain('{"markdown":"# Version 2"}'))).toBe('null');
      await rie.printed(/^attempt 1 rendered <h1>Version 2<\/h1>$/m);
      expect(
        JSON.parse(await rie.invoke(plain('{"markdown":"# Version 3","failBelow":2}'))),
      ).toEqual({ errorMessage: 'not on attempt 1', errorType: 'errorString' });
      expect(JSON.parse(await rie.invoke(plain('no JSON')))).toMatchObject({
        errorMessage: expect.stringMatching(/^the body is not the JSON we expect/),
        errorType: 'wrapError',
      });
      expect(await rie.invoke(await post({ markdown: '# Version 4' }, { form: 'text' }))).toBe(
        'null',
      );
      await rie.printed(/rendered <h1>Version 4<\/h1>/);
    });

    test('a panic is an error with its stack, and the next invocation finds a new process', async () => {
      await using rie = await start('troubled');
      const { errorMessage, errorType, stackTrace } = JSON.parse(
        await rie.invoke(plain('', { do: 'panic' })),
      ) as {
        errorMessage: string;
        errorType: string;
        stackTrace: { path: string; label: string }[];
      };
      expect([errorMessage, errorType]).toEqual(['something is very wrong', 'string']);
      expect(
        stackTrace.some((frame) => frame.path.endsWith('main.go') && frame.label === 'handle'),
      ).toBe(true);
      expect(JSON.parse(await rie.invoke(plain('shout')))).toMatchObject({
        statusCode: 200,
        body: 'SHOUT',
      });
    });

    test('an exit is named, and its deadline ends what hangs', async () => {
      await using rie = await start('troubled');
      expect(JSON.parse(await rie.invoke(plain('', { do: 'exit' })))).toMatchObject({
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringContaining('exit status 4'),
      });
      const directory = await unpack(project, 'troubled');
      await using hanging = await startRie({
        command: [path.join(directory, 'bootstrap')],
        directory,
        timeoutSeconds: 1,
      });
      expect(await hanging.invoke(plain('', { do: 'hang' }))).toBe(
        'Task timed out after 1.00 seconds',
      );
    });
  },
);

const site = {
  'netlify/functions/newsletter-background.mts': `export default async (request: Request, context: { requestId: string; waitUntil(p: Promise<unknown>): void }) => {
  const { to, fail } = await request.json();
  if (fail) throw new RangeError('no more mail to ' + to);
  context.waitUntil(Promise.resolve().then(() => console.log('sent to ' + to + ' for ' + new URL(request.url).pathname)));
};\n`,
  'netlify/functions/orders.mts': `export default async (request: Request, { params }: { params: Record<string, string> }) => Response.json({ id: params.id, body: await request.json() }, { status: 201, headers: { 'x-kind': 'order' } });
export const config = { path: '/api/orders/:id' };\n`,
  'netlify/functions/old.cjs': `exports.handler = (event, context, callback) => callback(null, { statusCode: 200, body: event.httpMethod + ' ' + event.path + ' ' + Buffer.from(event.body, 'base64') });\n`,
  'netlify/functions/stock-background.cjs': `exports.handler = async (event, context) => { console.log('counting for', context.awsRequestId, JSON.parse(Buffer.from(event.body, 'base64')).below); };\n`,
  'netlify/functions/quits-background.mjs': `export default async () => process.exit(7);\n`,
  'netlify/functions/broken-background.mjs': `throw new TypeError('no settings');\nexport default async () => undefined;\n`,
};

describe.skipIf(lambdaRie === undefined || ricDirectory === undefined)(
  "Node artifacts under aws-lambda-rie and Amazon's runtime client (needs BGFN_LAMBDA_RIE and BGFN_RIC_DIR)",
  () => {
    let project: TemporaryProject;
    beforeAll(async () => {
      project = await temporaryProject(site);
      await build({ projectDirectory: project.directory });
    }, 60_000);
    afterAll(() => project[Symbol.asyncDispose]());

    async function start(name: string): Promise<Rie> {
      const directory = await unpack(project, name);
      const client = path.join(ricDirectory ?? '', 'node_modules/aws-lambda-ric/index.mjs');
      return await startRie({
        command: [process.execPath, client, `${name}.handler`],
        directory,
        environment: { LAMBDA_TASK_ROOT: directory },
      });
    }

    test('a v2 background function runs to its end, work it left behind included, and fails with its error', async () => {
      await using rie = await start('newsletter-background');
      expect(JSON.parse(await rie.invoke(await post({ to: 'ada@site.example' })))).toMatchObject({
        statusCode: 204,
      });
      await rie.printed(/sent to ada@site\.example for \/\.netlify\/functions\/f/);
      expect(
        JSON.parse(await rie.invoke(await post({ to: 'bob@site.example', fail: true }))),
      ).toMatchObject({
        errorType: 'RangeError',
        errorMessage: 'no more mail to bob@site.example',
        trace: expect.arrayContaining([expect.stringContaining('newsletter-background.mjs')]),
      });
      expect(JSON.parse(await rie.invoke(await post({ to: 'eve@site.example' })))).toMatchObject({
        statusCode: 204,
      });
    });

    test('a v2 function answers a request and knows its path parameter', async () => {
      await using rie = await start('orders');
      const answer = JSON.parse(
        await rie.invoke(await post({ apples: 2 }, { at: '/api/orders/7' })),
      ) as { body: string };
      expect(answer).toMatchObject({ statusCode: 201, isBase64Encoded: false });
      expect(JSON.parse(answer.body)).toEqual({ id: '7', body: { apples: 2 } });
    });

    test('v1 functions answer and run in the background', async () => {
      await using old = await start('old');
      expect(JSON.parse(await old.invoke(await post('x')))).toMatchObject({
        statusCode: 200,
        body: 'POST /.netlify/functions/f "x"',
      });
      await using stock = await start('stock-background');
      expect(await stock.invoke(await post({ below: 20 }))).toBe('null');
      await stock.printed(/counting for [\w-]{36} 20/);
    });

    test('an exit and a module that cannot be loaded are errors', async () => {
      await using quits = await start('quits-background');
      expect(JSON.parse(await quits.invoke(await post({})))).toMatchObject({
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringContaining('exit status 7'),
      });
      await using broken = await start('broken-background');
      expect(JSON.parse(await broken.invoke(await post({})))).toMatchObject({
        errorType: 'TypeError',
        errorMessage: 'no settings',
      });
    });
  },
);
