import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runArtifact, splitStreamed, type Answer } from './support/artifact-rig.ts';
import { functionUrlEvent, netlifyEvent } from './support/call-events.ts';

const ricDirectory = process.env['BGFN_RIC_DIR'];
const notInstalled =
  'aws-lambda-ric is not installed: scripts/install-ric.sh <directory>, then set BGFN_RIC_DIR';
const json = (answer: Answer | undefined): unknown => JSON.parse(answer?.body.toString() ?? 'null');
const streaming = { BGFN_RESPONSE_MODE: 'streaming' };

/** The clients that run the same bundles: AWS's client, if it is installed, and bgfn's own. */
const clients: readonly [name: string, installed: boolean, command: readonly string[]][] = [
  [
    'aws-lambda-ric',
    ricDirectory !== undefined,
    [process.execPath, path.join(ricDirectory ?? '', 'node_modules/aws-lambda-ric/index.mjs')],
  ],
  [
    "bgfn's worker client",
    true,
    [
      process.execPath,
      fileURLToPath(new URL('../../src/runtime/worker/client/node-client.ts', import.meta.url)),
    ],
  ],
];

describe.each(clients)('an artifact under %s', (_name, installed, client) => {
  it('answers v2 requests of Netlify and of a Function URL', async ({ skip }) => {
    skip(!installed, notInstalled);
    const options = {
      name: 'echo',
      background: false,
      routes: [['^\\/shop\\/([^\\/]+?)$', 'word']] as const,
    };
    const { answers } = await runArtifact({
      fixture: 'echo.mts',
      options,
      client,
      events: [netlifyEvent, functionUrlEvent],
    });
    expect(answers.map((answer) => answer.kind)).toEqual(['response', 'response']);
    const [netlify, functionUrl] = answers.map(json) as { body: string }[];
    const cookies = ['seen=1', 'last=POST'];
    expect(netlify).toMatchObject({
      statusCode: 201,
      multiValueHeaders: { 'set-cookie': cookies },
    });
    expect(functionUrl).toMatchObject({ statusCode: 201, cookies });
    expect(JSON.parse(functionUrl?.body ?? '')).toMatchObject({
      loadedWith: 'object',
      method: 'POST',
      url: 'https://site.example/shop/42?tag=a&tag=b%20c',
      body: 'hello',
      attempt: 1,
      requestId: '00000000-0000-4000-8000-000000000002',
      params: { word: '42' },
    });
  });

  it('streams a response, and sends the head before the body', async ({ skip }) => {
    skip(!installed, notInstalled);
    const options = { name: 'stream', background: false, routes: [] };
    const { answers } = await runArtifact({
      fixture: 'stream.mjs',
      options,
      client,
      environment: streaming,
      events: [netlifyEvent],
    });
    expect(answers[0]?.contentType).toBe('application/vnd.awslambda.http-integration-response');
    expect(splitStreamed(answers[0]!)).toEqual({
      head: { statusCode: 200, headers: { 'content-type': 'text/plain' }, cookies: ['a=1', 'b=2'] },
      body: 'chunk 1\nchunk 2\nchunk 3\n',
    });
  });

  it('ends a broken stream with the error in the trailers', async ({ skip }) => {
    skip(!installed, notInstalled);
    const options = { name: 'stream', background: false, routes: [] };
    const event = { ...netlifyEvent, rawUrl: 'https://site.example/broken' };
    const { answers } = await runArtifact({
      fixture: 'stream.mjs',
      options,
      client,
      environment: streaming,
      events: [event, netlifyEvent],
    });
    expect(splitStreamed(answers[0]!).body).toMatch(/^chunk 1\n/);
    const trailer = Buffer.from(
      answers[0]?.trailers['lambda-runtime-function-error-body'] ?? '',
      'base64',
    ).toString();
    expect(trailer).toContain('the third chunk broke');
    expect(splitStreamed(answers[1]!).body).toContain('chunk 3');
  });

  it('can stream a response without a body', async ({ skip }) => {
    skip(!installed, notInstalled);
    const options = { name: 'echo', background: false, routes: [] };
    const { answers } = await runArtifact({
      fixture: 'nothing.mjs',
      options,
      client,
      environment: streaming,
      events: [netlifyEvent],
    });
    expect(splitStreamed(answers[0]!)).toEqual({
      head: { statusCode: 204, headers: {} },
      body: '',
    });
  });

  it('buffers for a background function, whatever the response mode', async ({ skip }) => {
    skip(!installed, notInstalled);
    const options = { name: 'stream', background: true, routes: [] };
    const { answers } = await runArtifact({
      fixture: 'stream.mjs',
      options,
      client,
      environment: streaming,
      events: [netlifyEvent],
    });
    expect(json(answers[0])).toEqual({
      statusCode: 200,
      contentType: 'text/plain',
      body: 'chunk 1\nchunk 2\nchunk 3\n',
      isBase64Encoded: false,
    });
  });

  it('reports the error that a function throws', async ({ skip }) => {
    skip(!installed, notInstalled);
    const options = { name: 'throws', background: true, routes: [] };
    const { answers } = await runArtifact({
      fixture: 'throws.mjs',
      options,
      client,
      events: [netlifyEvent],
    });
    expect(answers[0]?.kind).toBe('error');
    expect(json(answers[0])).toMatchObject({
      errorType: 'QuotaError',
      errorMessage: 'no more mail today',
      trace: expect.arrayContaining([expect.stringContaining('throws.mjs')]),
    });
  });

  it('adapts a v1 function in callback style', async ({ skip }) => {
    skip(!installed, notInstalled);
    const options = { name: 'callback', background: false, routes: [] };
    const { answers } = await runArtifact({
      fixture: 'callback.cjs',
      options,
      client,
      events: [netlifyEvent, { ...netlifyEvent, body: 'fail' }],
    });
    expect(json(answers[0])).toEqual({
      statusCode: 200,
      headers: { 'x-path': '/shop/42' },
      body: '00000000-0000-4000-8000-000000000001',
    });
    expect(answers[1]?.kind).toBe('error');
    expect(json(answers[1])).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'told to fail',
    });
  });

  it('ends a v1 function that returns nothing when its work is done', async ({ skip }) => {
    skip(!installed, notInstalled);
    const options = { name: 'forgets-async', background: true, routes: [] };
    const { answers, output } = await runArtifact({
      fixture: 'forgets-async.cjs',
      options,
      client,
      events: [netlifyEvent, { ...netlifyEvent, path: '/second' }],
    });
    expect(answers.map((answer) => answer.kind)).toEqual(['response', 'response']);
    expect(output).toContain('work done for /shop/42');
    expect(output).toContain('work done for /second');
  });

  it('is not kept running by the timer of req.signal', async ({ skip }) => {
    skip(!installed, notInstalled);
    const { answers } = await runArtifact({
      fixture: 'never.mjs',
      options: { name: 'never', background: true, routes: [] },
      client,
      events: [netlifyEvent],
    });
    expect(answers.filter(({ kind }) => kind === 'response')).toEqual([]);
  });

  it('fails to load a module without an entry, and says what to export', async ({ skip }) => {
    skip(!installed, notInstalled);
    const options = { name: 'no-entry', background: false, routes: [] };
    const { answers } = await runArtifact({
      fixture: 'no-entry.mjs',
      options,
      client,
      events: [netlifyEvent],
    });
    expect(answers[0]?.kind).toBe('error');
    expect(answers[0]?.body.toString()).toContain('Function \\"no-entry\\" exports config, run.');
  });
});
