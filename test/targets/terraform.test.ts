import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../src/builder/pipeline.ts';
import type { Manifest } from '../../src/manifest/schema.ts';
import { temporaryProject, type TemporaryProject } from '../builder/support/temporary-project.ts';
import {
  awsEnvironment,
  awsPython,
  callAws,
  startMoto,
  type Emulator,
} from './support/emulators.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../src/cli/bgfn.ts', import.meta.url));
const terraform = process.env.BGFN_TERRAFORM;
/**
 * A directory with
 * registry.terraform.io/hashicorp/aws/<version>/<platform>/terraform-provider-aws…, because CI has
 * no registry.
 */
const mirror = process.env.BGFN_TERRAFORM_MIRROR;

const goInstalled = spawnSync('go', ['version']).status === 0;

/** Node 22, because the provider in the mirror is older than nodejs24.x. */
const site = {
  'netlify/functions/mail-background.mjs': `export default async () => { console.log('mail'); };\nexport const config = { retry: { maxAttempts: 2 } };\n`,
  'netlify/functions/orders.mjs': `export default () => new Response('orders');\nexport const config = { path: ['/api/orders/:id', '/api/orders'], method: ['GET', 'PUT'] };\n`,
  'netlify/functions/clean-up.mjs': `export default () => new Response();\nexport const config = { schedule: '*/5 8-18 * * 1-5' };\n`,
  'netlify.toml':
    '[functions]\nnode_version = "22"\n\n[functions."tick-background"]\narchitecture = "arm64"\n',
  ...(goInstalled
    ? { 'netlify/functions/tick-background.go': 'package main\n\nfunc main() {}\n' }
    : {}),
};
const failures = 'arn:aws:sqs:us-east-1:123456789012:failures';
const variables = [
  '-var=environment={GREETING="hello"}',
  `-var=on_failure_destination_arn=${failures}`,
];
const services = ['apigateway', 'cloudwatchlogs', 'events', 'iam', 'lambda', 'sqs', 'sts'];

describe.skipIf(terraform === undefined || mirror === undefined || awsPython === undefined)(
  'main.tf under Terraform itself (needs BGFN_TERRAFORM, BGFN_TERRAFORM_MIRROR and BGFN_AWS_PYTHON)',
  () => {
    let moto: Emulator;
    let project: TemporaryProject;
    let manifest: Manifest;
    let directory = '';
    let client: LambdaClient;

    beforeAll(async () => {
      [moto, project] = await Promise.all([startMoto(), temporaryProject(site)]);
      client = new LambdaClient({
        region: 'us-east-1',
        endpoint: moto.url,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      ({ manifest } = await build({ projectDirectory: project.directory }));
      directory = project.path('.netlify/functions');
      await run(process.execPath, [command, 'package', 'terraform'], { cwd: project.directory });
      await writeFile(
        project.path('terraformrc'),
        `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
      );
      // The file that a user of an emulator adds beside the generated one.
      const endpoints = services
        .map((service) => `    ${service} = ${JSON.stringify(moto.url)}`)
        .join('\n');
      await writeFile(
        path.join(directory, 'provider.tf'),
        `provider "aws" {\n  skip_credentials_validation = true\n  skip_requesting_account_id  = true\n  skip_metadata_api_check     = true\n  endpoints {\n${endpoints}\n  }\n}\n`,
      );
      await terraformRun(['init', '-input=false']);
    }, 240_000);
    afterAll(async () => {
      client.destroy();
      await moto[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    });

    async function terraformRun(args: readonly string[]): Promise<string> {
      const environment = {
        PATH: process.env.PATH,
        HOME: project.directory,
        TF_CLI_CONFIG_FILE: project.path('terraformrc'),
        CHECKPOINT_DISABLE: '1',
        TF_IN_AUTOMATION: '1',
        ...awsEnvironment,
      };
      return (
        await run(terraform ?? '', [...args, '-no-color'], { cwd: directory, env: environment })
      ).stdout;
    }

    test('validate finds nothing', async () => {
      expect(await terraformRun(['validate'])).toContain('Success! The configuration is valid.');
    }, 240_000);

    test('apply creates the functions with the digests of the manifest', async () => {
      expect(
        await terraformRun(['apply', '-auto-approve', '-input=false', ...variables]),
      ).toContain('Apply complete!');
      for (const { name, artifact, timeout, runtimeVersion, architecture } of manifest.functions) {
        const { Configuration } = await client.send(
          new GetFunctionCommand({ FunctionName: `production-${name}` }),
        );
        expect(Buffer.from(Configuration?.CodeSha256 ?? '', 'base64').toString('hex')).toBe(
          artifact.sha256,
        );
        expect(Configuration).toMatchObject({
          Runtime: runtimeVersion,
          Architectures: [architecture === 'arm64' ? 'arm64' : 'x86_64'],
          Timeout: timeout,
          Environment: { Variables: { GREETING: 'hello' } },
        });
      }
      const asynchronous = await client.send(
        new GetFunctionEventInvokeConfigCommand({ FunctionName: 'production-mail-background' }),
      );
      expect(asynchronous).toMatchObject({
        MaximumRetryAttempts: 1,
        MaximumEventAgeInSeconds: 21_600,
        DestinationConfig: { OnFailure: { Destination: failures } },
      });
      expect(await callAws(moto, 'sqs', { Action: 'ListQueues', Version: '2012-11-05' })).toContain(
        'production-dead-letter',
      );
    }, 400_000);

    test('the API has the routes, the background one answering 202', async () => {
      const url = (await terraformRun(['output', '-raw', 'url'])).trim();
      const id = /\/\/(\w+)\.execute-api/.exec(url)?.[1] ?? '';
      const headers = {
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=0',
      };
      const { item } = (await (
        await fetch(`${moto.url}/restapis/${id}/resources?embed=methods`, { headers })
      ).json()) as {
        item: {
          path: string;
          resourceMethods?: Record<string, { methodIntegration?: { type: string } }>;
        }[];
      };
      const integrations = item.flatMap(({ path: at, resourceMethods }) =>
        Object.entries(resourceMethods ?? {}).map(
          ([method, { methodIntegration }]) => `${method} ${at} ${methodIntegration?.type}`,
        ),
      );
      expect(integrations.toSorted()).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/ANY\S* \/\.netlify\/functions\/mail-background AWS$/i),
          expect.stringMatching(/^GET \/api\/orders\/\{\w+\} AWS_PROXY$/i),
        ]),
      );
    }, 60_000);

    test('a second plan changes nothing but what moto forgets: dead-letter queues', async () => {
      const asynchronous = manifest.functions.filter(
        ({ invocationMode, schedule }) => invocationMode === 'background' || schedule !== undefined,
      ).length;
      const plan = await terraformRun(['plan', '-input=false', ...variables]);
      expect(plan).toContain(`Plan: 0 to add, ${asynchronous} to change, 0 to destroy.`);
      expect([...plan.matchAll(/^ *[+-] (.*)$/gm)].map(([, what]) => what?.split(' ')[0])).toEqual(
        Array.from({ length: asynchronous }, () => ['dead_letter_config', 'target_arn']).flat(),
      );
    }, 240_000);
  },
);
