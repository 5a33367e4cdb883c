import { execFile, spawnSync } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../src/build.ts';
import { temporaryProject, type TemporaryProject } from '../build/temporary-project.ts';
import { awsEnvironment, awsPython, callAws, elementText, startMiniStack, type Emulator } from './emulators.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../src/cli/bgfn.ts', import.meta.url));
const goSite = fileURLToPath(new URL('../../fixtures/go-site', import.meta.url));
const goInstalled = spawnSync('go', ['version']).status === 0;

/** Each attempt tells the server of the test, and all fail. */
const site = {
  'netlify/functions/fails-background.mjs': `export default async (request) => {
  const { report } = await request.json();
  await fetch(report, { method: 'POST', body: request.url });
  throw new Error('no luck');
};\n`,
  'netlify/functions/orders.mjs': `export default async (request, { params }) => Response.json({ id: params.id, body: await request.text() }, { status: 201, headers: { 'x-kind': 'order' } });
export const config = { path: '/api/orders/:id' };\n`,
  'netlify/functions/old.cjs': `exports.handler = async (event) => ({ statusCode: 200, body: event.httpMethod + ' ' + event.path });\n`,
};

describe.skipIf(awsPython === undefined)('the artifacts on an emulator that runs them, MiniStack (needs BGFN_AWS_PYTHON)', () => {
  let emulator: Emulator;
  let project: TemporaryProject;
  let client: LambdaClient;
  let deadLetters = '';

  beforeAll(async () => {
    [emulator, project] = await Promise.all([startMiniStack(), temporaryProject(site)]);
    client = new LambdaClient({ region: 'us-east-1', endpoint: emulator.url, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    deadLetters = elementText(await callAws(emulator, 'sqs', { Action: 'CreateQueue', QueueName: 'dead-letters', Version: '2012-11-05' }), 'QueueUrl') ?? '';
    if (goInstalled) await cp(goSite, project.directory, { recursive: true });
    await build({ projectDirectory: project.directory });
    const options = { cwd: project.directory, env: { ...process.env, ...awsEnvironment, AWS_ENDPOINT_URL: emulator.url } };
    await run(process.execPath, [command, 'deploy', 'aws', '--role', 'arn:aws:iam::000000000000:role/functions', '--dead-letter', 'arn:aws:sqs:us-east-1:000000000000:dead-letters'], options);
  }, 300_000);
  afterAll(async () => {
    client.destroy();
    await emulator[Symbol.asyncDispose]();
    await project[Symbol.asyncDispose]();
  });

  const proxyEvent = (event: object) => ({ httpMethod: 'POST', headers: { host: 'site.example', 'content-type': 'application/json' }, isBase64Encoded: false, requestContext: { stage: 'production' }, ...event });

  async function invoke(name: string, event: object): Promise<{ statusCode?: number; body?: string; headers?: Record<string, string> }> {
    const { Payload, FunctionError } = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
    const answer = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw new Error(answer);
    return JSON.parse(answer);
  }

  test('a sync function answers a request', async () => {
    const answer = await invoke('orders', proxyEvent({ path: '/api/orders/7', body: 'two apples' }));
    expect(answer).toMatchObject({ statusCode: 201 });
    expect(JSON.parse(answer.body ?? '')).toEqual({ id: '7', body: 'two apples' });
    expect(await invoke('old', proxyEvent({ path: '/.netlify/functions/old' }))).toMatchObject({ statusCode: 200, body: 'POST /.netlify/functions/old' });
  }, 60_000);

  test('an asynchronous invocation is 202, tried three times and then a dead letter', async () => {
    const { createServer } = await import('node:http');
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
    const event = proxyEvent({ path: '/.netlify/functions/fails-background', body: JSON.stringify({ report }) });
    const { StatusCode, Payload } = await client.send(new InvokeCommand({ FunctionName: 'fails-background', InvocationType: 'Event', Payload: JSON.stringify(event) }));
    expect([StatusCode, Payload?.length ?? 0]).toEqual([202, 0]);
    await allTold.promise;
    // The queue itself waits for the message.
    const xml = await callAws(emulator, 'sqs', { Action: 'ReceiveMessage', QueueUrl: deadLetters, WaitTimeSeconds: '20', Version: '2012-11-05' });
    // AWS would put the event alone into the queue; MiniStack writes the record that destinations get.
    expect(JSON.parse(elementText(xml, 'Body') ?? 'null')).toMatchObject({ requestPayload: event, requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 }, responsePayload: { errorMessage: 'no luck' } });
    expect(reports).toHaveLength(3);
    server.close();
  }, 60_000);

  test.skipIf(!goInstalled)('a Go executable answers (needs Go as well)', async () => {
    expect(await invoke('total', proxyEvent({ path: '/', body: '[150, 275]' }))).toMatchObject({ statusCode: 200, body: '4.25 EUR' });
    expect(await invoke('greet', proxyEvent({ path: '/', queryStringParameters: { name: 'Ada' } }))).toMatchObject({ body: 'Hello, Ada!' });
  }, 60_000);

  test('the SAM template, translated, is created whole by CloudFormation', async () => {
    await run(process.execPath, [command, 'package', 'sam'], { cwd: project.directory });
    const { functions } = JSON.parse(await readFile(project.path('.netlify/functions/manifest.json'), 'utf8')) as { functions: { name: string }[] };
    const { stdout } = await run(awsPython ?? '', ['-c', createStack, emulator.url, project.path('.netlify/functions')], { env: { ...process.env, ...awsEnvironment }, maxBuffer: 16 * 1024 * 1024 });
    const { status, reason, resources } = JSON.parse(stdout) as { status: string; reason: string; resources: string[] };
    expect({ status, reason }).toEqual({ status: 'CREATE_COMPLETE', reason: '' });
    expect(resources.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(functions.length);
    expect(resources).toEqual(expect.arrayContaining(['AWS::ApiGateway::RestApi', 'AWS::Lambda::EventInvokeConfig', 'AWS::SQS::Queue']));
    expect(await invoke('production-orders', proxyEvent({ path: '/api/orders/8', body: '' }))).toMatchObject({ statusCode: 201 });
  }, 120_000);
});

/** What `sam deploy` does: uploads each zip, translates the template, creates the stack and waits for it. */
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
print(json.dumps({'status': stack['StackStatus'], 'reason': stack.get('StackStatusReason', ''), 'resources': [each['ResourceType'] for each in resources]}))
`;
