import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { planLambda } from '../../src/targets/aws/lambda-plan.ts';
import { samTemplate } from '../../src/targets/sam/sam-template.ts';
import { expression, renderHcl } from '../../src/targets/terraform/hcl.ts';
import { terraformModule } from '../../src/targets/terraform/terraform-module.ts';
import { mixedManifest } from './support/manifests.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../src/cli/bgfn.ts', import.meta.url));
const plan = planLambda(mixedManifest);
/** A Python environment with cfn-lint and aws-sam-translator, installed by CI. */
const python = process.env.BGFN_AWS_PYTHON;
const terraform = process.env.BGFN_TERRAFORM;

describe('the SAM template', () => {
  const resources = samTemplate(plan).Resources as Record<
    string,
    { Type: string; Properties: Record<string, unknown> }
  >;

  test('gives a background function two retries, a dead-letter queue and 900 s', () => {
    expect(resources.HelloBackgroundFunction?.Properties).toMatchObject({
      CodeUri: 'hello-background.zip',
      Timeout: 900,
      Runtime: 'nodejs24.x',
      DeadLetterQueue: { Type: 'SQS' },
    });
    expect(resources.HelloBackgroundEventInvokeConfig?.Properties).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
    });
  });

  test('lets a function write its own logs only', () => {
    const policy = JSON.stringify(resources.OrdersRole?.Properties);
    expect(policy).toContain('"Fn::GetAtt":["OrdersLogs","Arn"]');
    expect(policy).not.toContain('"Resource":"*"');
  });

  test('invokes background functions asynchronously and answers 202 with an empty body', () => {
    const body = resources.Api?.Properties.DefinitionBody as {
      paths: Record<string, Record<string, Record<string, unknown>>>;
    };
    const integration =
      body.paths['/.netlify/functions/hello-background']?.['x-amazon-apigateway-any-method']?.[
        'x-amazon-apigateway-integration'
      ];
    expect(integration).toMatchObject({
      type: 'aws',
      requestParameters: { 'integration.request.header.X-Amz-Invocation-Type': "'Event'" },
      responses: { default: { statusCode: '202' } },
    });
    expect(
      body.paths['/api/orders/{segment3}']?.get?.['x-amazon-apigateway-integration'],
    ).toMatchObject({ type: 'aws_proxy' });
  });
});

describe('the environment in the SAM template', () => {
  test('has names, and parameters that are not shown for their values', () => {
    const { Globals, Parameters } = samTemplate(plan, ['STRIPE_KEY', 'SMTP_URL']);
    expect(Globals).toEqual({
      Function: {
        Environment: {
          Variables: { STRIPE_KEY: { Ref: 'EnvSTRIPExKEY' }, SMTP_URL: { Ref: 'EnvSMTPxURL' } },
        },
      },
    });
    expect(Parameters).toMatchObject({ EnvSTRIPExKEY: { Type: 'String', NoEcho: true } });
    expect(samTemplate(plan).Globals).toBeUndefined();
  });

  test.each([
    [['sam', '--env', 'STRIPE_KEY=secret'], 'Give names alone, without values'],
    [['sam', '--env', 'AWS_REGION'], 'does not begin with "AWS_"'],
    [['terraform', '--env', 'STRIPE_KEY'], `environment={STRIPE_KEY="…"}`],
  ])('bgfn package %j is refused', async (args, message) => {
    const ended: { code?: unknown; stderr?: unknown } = await run(process.execPath, [
      command,
      'package',
      ...args,
    ]).catch((error: unknown) => error as object);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(message);
  });
});

describe('HCL', () => {
  test('aligns neighbours, escapes templates in strings and leaves expressions alone', () => {
    const text = renderHcl([
      {
        type: 'resource',
        labels: ['a', 'b'],
        attributes: { name: 'x${y}', longer_name: expression('var.z'), list: [1, 'two'] },
        blocks: [{ type: 'inner' }],
      },
    ]);
    expect(text).toBe(
      'resource "a" "b" {\n  name        = "x$${y}"\n  longer_name = var.z\n  list        = [1, "two"]\n\n  inner {}\n}\n',
    );
  });
});

describe('checked by tools of others', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'bgfn-deploy-'));
    await writeFile(
      path.join(directory, 'template.yaml'),
      stringify(samTemplate(plan, ['STRIPE_KEY', 'SMTP_URL']), {
        aliasDuplicateObjects: false,
      }),
    );
    await writeFile(path.join(directory, 'main.tf'), terraformModule(plan));
    for (const { zipFile } of plan.functions) {
      await writeFile(path.join(directory, zipFile), '');
    }
  });
  afterAll(() => rm(directory, { recursive: true }));

  test.skipIf(python === undefined)(
    'cfn-lint has nothing to say about the template (needs BGFN_AWS_PYTHON)',
    async () => {
      const { stdout } = await run(
        path.join(path.dirname(python ?? ''), 'cfn-lint'),
        ['template.yaml'],
        { cwd: directory, env: { ...process.env, AWS_DEFAULT_REGION: 'us-east-1' } },
      );
      expect(stdout).toBe('');
    },
  );

  test.skipIf(python === undefined)(
    'the SAM translator turns the template into CloudFormation (needs BGFN_AWS_PYTHON)',
    async () => {
      const { stdout } = await run(python ?? '', ['-c', translate], {
        cwd: directory,
        env: { ...process.env, AWS_DEFAULT_REGION: 'us-east-1' },
      });
      expect(JSON.parse(stdout)).toMatchObject({
        Api: 'AWS::ApiGateway::RestApi',
        HelloBackgroundFunction: 'AWS::Lambda::Function',
        NightlyBackgroundFunctionSchedule: 'AWS::Events::Rule',
      });
    },
  );

  test.skipIf(terraform === undefined)(
    'terraform fmt would change nothing (needs BGFN_TERRAFORM)',
    async () => {
      const { stdout } = await run(terraform ?? '', ['fmt', '-check', '-diff', 'main.tf'], {
        cwd: directory,
      });
      expect(stdout).toBe('');
    },
  );
});

/** Sets the places of the uploaded zips, which the translator requires and `sam package` would set. */
const translate = `
import json, yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
template = yaml.safe_load(open('template.yaml'))
for resource in template['Resources'].values():
    if resource['Type'] == 'AWS::Serverless::Function':
        resource['Properties']['CodeUri'] = {'Bucket': 'bucket', 'Key': 'key'}
translated = Translator({}, Parser()).translate(template, {})
print(json.dumps({name: resource['Type'] for name, resource in translated['Resources'].items()}))
`;
