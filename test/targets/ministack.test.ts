import { execFile, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { cp, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../src/builder/pipeline.ts';
import { temporaryProject, type TemporaryProject } from '../builder/support/temporary-project.ts';
import {
  awsEnvironment,
  awsPython,
  callAws,
  elementText,
  startMiniStack,
  type Emulator,
} from './support/emulators.ts';
import { resolveIntrinsics, startGateway, type GatewayDocument } from './support/gateway.ts';
import { apacheVelocity, velocityJars, velocityJs } from './support/velocity.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../src/cli/bgfn.ts', import.meta.url));
const goSite = fileURLToPath(new URL('../../fixtures/go-site', import.meta.url));
const samCli = process.env.BGFN_SAM;
const goInstalled = spawnSync('go', ['version']).status === 0;

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/**
 * Every attempt of the first function notifies the server of the test, and fails. MiniStack imports
 * only operations with named methods.
 */
const site = {
  'netlify/functions/fails-background.mjs': `export default async (request) => {
  const { report } = await request.json();
  await fetch(report, { method: 'POST', body: request.url });
  throw new Error('no luck');
};\n`,
  'netlify/functions/orders.mjs': `export default async (request, { params }) => Response.json({ id: params.id, body: await request.text() }, { status: 201, headers: { 'x-kind': 'order' } });
export const config = { path: '/api/orders/:id', method: ['GET', 'POST'] };\n`,
  'netlify/functions/notes-background.mjs': `export default async (request, context) => {
  const note = { method: request.method, url: request.url, quote: request.headers.get('x-quote') ?? undefined, bytes: [...new Uint8Array(await request.arrayBuffer())], requestId: context.requestId };
  await fetch(request.headers.get('x-report'), { method: 'POST', body: JSON.stringify(note) });
};\n`,
  'netlify/functions/old.cjs': `exports.handler = async (event) => ({ statusCode: 200, body: event.httpMethod + ' ' + event.path });\n`,
};

describe.skipIf(awsPython === undefined)(
  'the artifacts on an emulator that runs them, MiniStack (needs BGFN_AWS_PYTHON)',
  () => {
    let emulator: Emulator;
    let project: TemporaryProject;
    let client: LambdaClient;
    let deadLetters = '';
    let api: { readonly id: string; readonly document: GatewayDocument };

    beforeAll(async () => {
      [emulator, project] = await Promise.all([startMiniStack(), temporaryProject(site)]);
      client = new LambdaClient({
        region: 'us-east-1',
        endpoint: emulator.url,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      deadLetters =
        elementText(
          await callAws(emulator, 'sqs', {
            Action: 'CreateQueue',
            QueueName: 'dead-letters',
            Version: '2012-11-05',
          }),
          'QueueUrl',
        ) ?? '';
      if (goInstalled) await cp(goSite, project.directory, { recursive: true });
      await build({ projectDirectory: project.directory });
      const options = {
        cwd: project.directory,
        env: { ...process.env, ...awsEnvironment, AWS_ENDPOINT_URL: emulator.url },
      };
      await run(
        process.execPath,
        [
          command,
          'deploy',
          'aws',
          '--role',
          'arn:aws:iam::000000000000:role/functions',
          '--dead-letter',
          'arn:aws:sqs:us-east-1:000000000000:dead-letters',
        ],
        options,
      );
    }, 300_000);
    afterAll(async () => {
      client.destroy();
      await emulator[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    });

    const proxyEvent = (event: object) => ({
      httpMethod: 'POST',
      headers: { host: 'site.example', 'content-type': 'application/json' },
      isBase64Encoded: false,
      requestContext: { stage: 'production' },
      ...event,
    });

    async function invoke(
      name: string,
      event: object,
    ): Promise<{ statusCode?: number; body?: string; headers?: Record<string, string> }> {
      const { Payload, FunctionError } = await client.send(
        new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
      );
      const answer = Buffer.from(Payload ?? []).toString();
      if (FunctionError !== undefined) throw new Error(answer);
      return JSON.parse(answer);
    }

    test('a sync function answers a request', async () => {
      const answer = await invoke(
        'orders',
        proxyEvent({ path: '/api/orders/7', body: 'two apples' }),
      );
      expect(answer).toMatchObject({ statusCode: 201 });
      expect(JSON.parse(answer.body ?? '')).toEqual({ id: '7', body: 'two apples' });
      expect(await invoke('old', proxyEvent({ path: '/.netlify/functions/old' }))).toMatchObject({
        statusCode: 200,
        body: 'POST /.netlify/functions/old',
      });
    }, 60_000);

    test('an asynchronous invocation is 202, tried three times and then a dead letter', async () => {
      const reports: string[] = [];
      const allTold = Promise.withResolvers<void>();
      const server = createServer((request, response) => {
        reports.push(request.url ?? '');
        response.end();
        if (reports.length === 3) allTold.resolve();
      });
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const report = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/attempt`;
      const event = proxyEvent({
        path: '/.netlify/functions/fails-background',
        body: JSON.stringify({ report }),
      });
      const { StatusCode, Payload } = await client.send(
        new InvokeCommand({
          FunctionName: 'fails-background',
          InvocationType: 'Event',
          Payload: JSON.stringify(event),
        }),
      );
      expect([StatusCode, Payload?.length ?? 0]).toEqual([202, 0]);
      await allTold.promise;
      // The queue waits for the message (long polling).
      const xml = await callAws(emulator, 'sqs', {
        Action: 'ReceiveMessage',
        QueueUrl: deadLetters,
        WaitTimeSeconds: '20',
        Version: '2012-11-05',
      });
      // AWS puts only the event into the queue; MiniStack writes the record that destinations get.
      expect(JSON.parse(elementText(xml, 'Body') ?? 'null')).toMatchObject({
        requestPayload: event,
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
        responsePayload: { errorMessage: 'no luck' },
      });
      expect(reports).toHaveLength(3);
      server.close();
    }, 60_000);

    test.skipIf(!goInstalled)(
      'a Go executable answers (needs Go as well)',
      async () => {
        expect(await invoke('total', proxyEvent({ path: '/', body: '[150, 275]' }))).toMatchObject({
          statusCode: 200,
          body: '4.25 EUR',
        });
        expect(
          await invoke('greet', proxyEvent({ path: '/', queryStringParameters: { name: 'Ada' } })),
        ).toMatchObject({ body: 'Hello, Ada!' });
      },
      60_000,
    );

    test('the SAM template, translated, is created whole by CloudFormation', async () => {
      await run(process.execPath, [command, 'package', 'sam'], { cwd: project.directory });
      const { functions } = JSON.parse(
        await readFile(project.path('.netlify/functions/manifest.json'), 'utf8'),
      ) as { functions: { name: string }[] };
      const { stdout } = await run(
        awsPython ?? '',
        ['-c', createStack, emulator.url, project.path('.netlify/functions')],
        { env: { ...process.env, ...awsEnvironment }, maxBuffer: 16 * 1024 * 1024 },
      );
      const { status, reason, types, names, template } = JSON.parse(stdout) as CreatedStack;
      api = {
        id: names['Api'] ?? '',
        document: resolveIntrinsics(
          template.Resources['Api']?.Properties.Body,
          template,
          names,
        ) as GatewayDocument,
      };
      expect({ status, reason }).toEqual({ status: 'CREATE_COMPLETE', reason: '' });
      expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(
        functions.length,
      );
      expect(types).toEqual(
        expect.arrayContaining([
          'AWS::ApiGateway::RestApi',
          'AWS::Lambda::EventInvokeConfig',
          'AWS::SQS::Queue',
        ]),
      );
    }, 120_000);

    test.skipIf(samCli === undefined)(
      'the SAM CLI finds it valid and deploys it (needs BGFN_SAM as well)',
      async () => {
        const options = {
          cwd: project.directory,
          env: {
            PATH: process.env.PATH,
            HOME: project.directory,
            SAM_CLI_TELEMETRY: '0',
            AWS_ENDPOINT_URL: emulator.url,
            ...awsEnvironment,
          },
        };
        const template = path.join('.netlify/functions', 'template.yaml');
        expect(
          (await run(samCli ?? '', ['validate', '--lint', '--template-file', template], options))
            .stdout,
        ).toContain('is a valid SAM Template');
        const deploy = [
          'deploy',
          '--template-file',
          template,
          '--stack-name',
          'by-sam',
          '--resolve-s3',
          '--capabilities',
          'CAPABILITY_IAM',
          '--no-confirm-changeset',
          '--parameter-overrides',
          'NamePrefix=sam-',
        ];
        expect((await run(samCli ?? '', deploy, options)).stdout).toContain(
          'Successfully created/updated stack - by-sam',
        );
        expect(
          await invoke(
            'sam-production-orders',
            proxyEvent({ path: '/api/orders/9', body: 'one plum' }),
          ),
        ).toMatchObject({ statusCode: 201, body: '{"id":"9","body":"one plum"}' });
      },
      240_000,
    );

    test('its API proxies a sync request to the function and answers with what it returned', async () => {
      const url = `${emulator.url}/restapis/${api.id}/production/_user_request_`;
      const order = await fetch(`${url}/api/orders/8`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: 'three pears',
      });
      expect([order.status, order.headers.get('x-kind'), await order.json()]).toEqual([
        201,
        'order',
        { id: '8', body: 'three pears' },
      ]);
    }, 60_000);

    // No emulator supports mapping templates of Lambda integrations. `startGateway` follows the API in
    // the translated template.
    test.for([
      { name: 'velocityjs', installed: true, start: velocityJs },
      {
        name: 'Apache Velocity (skipped without BGFN_VELOCITY_JARS)',
        installed: velocityJars !== undefined,
        start: apacheVelocity,
      },
    ])(
      'from an HTTP request by the template to an asynchronous invocation and our artifact, with $name',
      { timeout: 60_000 },
      async ({ installed, start }, { skip }) => {
        skip(!installed);
        await using velocity = start();
        await using gateway = await startGateway({
          document: api.document,
          stage: 'production',
          velocity,
          lambda: emulator.url,
        });
        await using notes = await startNotes();
        const url = `${gateway.url}/production/.netlify/functions/notes-background`;
        const body = Uint8Array.from({ length: 256 }, (_, index) => index);
        const response = await fetch(`${url}?tag=it%27s%20%22quoted%22`, {
          method: 'POST',
          headers: {
            'content-type': 'application/octet-stream',
            'x-report': notes.url,
            'x-quote': `"it's" $context.stage`,
          },
          body,
        });
        expect([response.status, await response.text()]).toEqual([202, '']);
        expect(await notes.next()).toEqual({
          method: 'POST',
          url: expect.stringMatching(
            /^https?:\/\/127\.0\.0\.1:\d+\/\.netlify\/functions\/notes-background\?tag=it%27s\+%22quoted%22$/,
          ),
          quote: `"it's" $context.stage`,
          bytes: [...body],
          requestId: expect.stringMatching(uuid),
        });
        // On AWS this is the id that the function sees; MiniStack gives the call and the run different ids.
        expect(response.headers.get('x-nf-request-id')).toMatch(uuid);
        const get = await fetch(url, { headers: { 'x-report': notes.url } });
        expect(get.status).toBe(202);
        expect(await notes.next()).toMatchObject({ method: 'GET', bytes: [] });
        expect(
          (
            await fetch(url, {
              method: 'POST',
              headers: { 'content-type': 'application/x-forged', 'x-report': notes.url },
              body: '{}',
            })
          ).status,
        ).toBe(415);
        expect(gateway.payloads).toHaveLength(2);
        // Go has no adapter: a Go function gets the same event as from bgfn's runtime.
        if (!goInstalled) return;
        const changelog = await fetch(
          `${gateway.url}/production/.netlify/functions/changelog-background`,
          {
            method: 'POST',
            headers: { 'content-type': 'application/json; charset=utf-8' },
            body: '{"markdown":"# It\'s 1"}',
          },
        );
        expect([changelog.status, await changelog.text()]).toEqual([202, '']);
        const event: unknown = JSON.parse(gateway.payloads.at(-1) ?? '');
        expect(event).toMatchObject({
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: '{"markdown":"# It\'s 1"}',
          isBase64Encoded: false,
        });
        expect(await invoke('production-changelog-background', event as object)).toBeNull();
      },
    );
  },
);

interface CreatedStack {
  readonly status: string;
  readonly reason: string;
  readonly types: readonly string[];
  /** Physical names by logical id. */
  readonly names: Readonly<Record<string, string>>;
  /** The output of the SAM translator. */
  readonly template: Parameters<typeof resolveIntrinsics>[1] & {
    readonly Resources: Readonly<
      Record<string, { readonly Properties: { readonly Body?: unknown } }>
    >;
  };
}

/** Starts a server to which a function reports its calls. */
async function startNotes(): Promise<
  AsyncDisposable & { readonly url: string; next(): Promise<unknown> }
> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const requests = on(server, 'request');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: async () => {
      const { value } = (await requests.next()) as { value: [IncomingMessage, ServerResponse] };
      const [request, response] = value;
      const note: unknown = await new Response(Readable.toWeb(request) as ReadableStream).json();
      response.end();
      return note;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * The steps of `sam deploy`: uploads each zip, translates the template, creates the stack and waits
 * for it.
 */
const createStack = `
import json, sys, os, boto3, yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
url, directory = sys.argv[1:]
clients = {name: boto3.client(name, endpoint_url=url) for name in ('s3', 'cloudformation')}
template = yaml.safe_load(open(os.path.join(directory, 'template.yaml')))
clients['s3'].create_bucket(Bucket='artifacts')
for resource in template['Resources'].values():
    if resource['Type'] == 'AWS::Serverless::Function':
        key = resource['Properties']['CodeUri']
        clients['s3'].upload_file(os.path.join(directory, key), 'artifacts', key)
        resource['Properties']['CodeUri'] = {'Bucket': 'artifacts', 'Key': key}
translated = Translator({}, Parser()).translate(template, {'Stage': 'production', 'NamePrefix': ''})
cloudformation = clients['cloudformation']
cloudformation.create_stack(StackName='site', TemplateBody=json.dumps(translated), Capabilities=['CAPABILITY_IAM'])
try:
    cloudformation.get_waiter('stack_create_complete').wait(StackName='site', WaiterConfig={'Delay': 1, 'MaxAttempts': 60})
except Exception:
    pass
stack = cloudformation.describe_stacks(StackName='site')['Stacks'][0]
resources = cloudformation.describe_stack_resources(StackName='site')['StackResources']
names = {each['LogicalResourceId']: each['PhysicalResourceId'] for each in resources}
print(json.dumps({'status': stack['StackStatus'], 'reason': stack.get('StackStatusReason', ''), 'types': [each['ResourceType'] for each in resources], 'names': names, 'template': translated}))
`;
