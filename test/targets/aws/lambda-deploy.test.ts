import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  LambdaClient,
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../../src/builder/pipeline.ts';
import { readManifest } from '../../../src/manifest/read.ts';
import {
  temporaryProject,
  type TemporaryProject,
} from '../../builder/support/temporary-project.ts';
import {
  awsEnvironment,
  awsPython,
  callAws,
  elementText,
  startMoto,
  type Emulator,
} from '../support/emulators.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../../src/cli/bgfn.ts', import.meta.url));
const site = {
  'netlify/functions/mail-background.mjs': `export default async () => { console.log('mail'); };\n`,
  'netlify/functions/orders.mjs': `export default () => new Response('orders');\n`,
};

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function deploy(
  project: TemporaryProject,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<Ended> {
  const { PATH } = process.env;
  const options = {
    cwd: project.directory,
    env: { PATH, HOME: project.directory, NO_COLOR: '1', ...environment },
  };
  try {
    return {
      code: 0,
      ...(await run(process.execPath, [command, 'deploy', 'aws', ...args], options)),
    };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}

describe.skipIf(awsPython === undefined)(
  'bgfn deploy aws, against moto (needs BGFN_AWS_PYTHON)',
  () => {
    let moto: Emulator;
    let project: TemporaryProject;
    let role = '';
    let environment: Record<string, string> = {};
    let client: LambdaClient;

    beforeAll(async () => {
      [moto, project] = await Promise.all([startMoto(), temporaryProject(site)]);
      environment = { ...awsEnvironment, AWS_ENDPOINT_URL: moto.url };
      client = new LambdaClient({
        region: 'us-east-1',
        endpoint: moto.url,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      const trust = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      });
      role =
        elementText(
          await callAws(moto, 'iam', {
            Action: 'CreateRole',
            Version: '2010-05-08',
            RoleName: 'functions',
            AssumeRolePolicyDocument: trust,
          }),
          'Arn',
        ) ?? '';
      await build({ projectDirectory: project.directory });
    });
    afterAll(async () => {
      client.destroy();
      await moto[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    });

    const remote = async (name: string) =>
      (await client.send(new GetFunctionCommand({ FunctionName: name }))).Configuration;

    test('a new function without a role is refused before anything is created', async () => {
      const { code, stderr } = await deploy(project, [], environment);
      expect(code).toBe(2);
      expect(stderr).toContain('--role arn:aws:iam::');
      await expect(remote('orders')).rejects.toThrow(/not found/i);
    });

    test('a dry run lists the functions to create and creates nothing', async () => {
      const { code, stdout, stderr } = await deploy(
        project,
        ['--role', role, '--dry-run'],
        environment,
      );
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: 'would be created 2, would be changed 0, unchanged 0\n',
      });
      expect(stdout).toMatch(/^\+ mail-background$/m);
      await expect(remote('orders')).rejects.toThrow(/not found/i);
    });

    test('the first run creates the functions with the digests of the manifest', async () => {
      const { code, stderr } = await deploy(project, ['--role', role], environment);
      expect({ code, stderr }).toEqual({ code: 0, stderr: 'created 2, changed 0, unchanged 0\n' });
      const { functions } = await readManifest(project.path('.netlify/functions'));
      for (const { name, artifact, timeout } of functions) {
        const configuration = await remote(name);
        expect(Buffer.from(configuration?.CodeSha256 ?? '', 'base64').toString('hex')).toBe(
          artifact.sha256,
        );
        expect(configuration).toMatchObject({
          Timeout: timeout,
          Runtime: 'nodejs24.x',
          Handler: `${name}.handler`,
          Role: role,
        });
      }
      expect(
        await client.send(
          new GetFunctionEventInvokeConfigCommand({ FunctionName: 'mail-background' }),
        ),
      ).toMatchObject({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 21_600 });
    });

    test('the second run changes nothing', async () => {
      const { code, stdout, stderr } = await deploy(project, ['--json'], environment);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({
        dryRun: false,
        functions: [
          { functionName: 'mail-background', changes: [] },
          { functionName: 'orders', changes: [] },
        ],
      });
    });

    test('a function whose digest changed is uploaded, and no other', async () => {
      await project.write({
        'netlify/functions/orders.mjs': `export default () => new Response('other orders');\n`,
      });
      await build({ projectDirectory: project.directory });
      const untouched = (await remote('mail-background'))?.LastModified;
      const { stdout } = await deploy(project, ['--json'], environment);
      const { functions } = JSON.parse(stdout) as {
        functions: { functionName: string; changes: { kind: string }[] }[];
      };
      expect(
        functions.map(({ functionName, changes }) => [
          functionName,
          changes.map(({ kind }) => kind),
        ]),
      ).toEqual([
        ['mail-background', []],
        ['orders', ['update-code']],
      ]);
      const manifest = await readManifest(project.path('.netlify/functions'));
      expect(
        Buffer.from((await remote('orders'))?.CodeSha256 ?? '', 'base64').toString('hex'),
      ).toBe(manifest.functions[1]?.artifact.sha256);
      expect((await remote('mail-background'))?.LastModified).toBe(untouched);
    });

    test('settings that were changed by hand are reset, without an upload', async () => {
      await client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: 'orders', Timeout: 3 }),
      );
      const { stdout, stderr } = await deploy(project, [], environment);
      expect(stdout).toBe('= mail-background\n~ orders\n    timeout: 3 s → 60 s\n');
      expect(stderr).toBe('created 0, changed 1, unchanged 1\n');
      expect(await remote('orders')).toMatchObject({ Timeout: 60 });
    });

    test('a zip whose digest differs from the manifest is not uploaded', async () => {
      await project.write({ '.netlify/functions/orders.zip': 'not the zip' });
      const { code, stderr } = await deploy(
        project,
        ['--name-prefix', 'other-', '--role', role],
        environment,
      );
      expect(code).toBe(1);
      expect(stderr).toContain('orders.zip');
      await expect(remote('other-orders')).rejects.toThrow(/not found/i);
      await build({ projectDirectory: project.directory });
    });

    test('missing credentials are reported as such', async () => {
      const { AWS_REGION, AWS_EC2_METADATA_DISABLED } = awsEnvironment;
      const { code, stderr } = await deploy(project, [], {
        AWS_REGION,
        AWS_EC2_METADATA_DISABLED,
        AWS_ENDPOINT_URL: moto.url,
      });
      expect(code).toBe(2);
      expect(stderr).toMatch(/credentials/i);
      expect(stderr).toContain('AWS_ACCESS_KEY_ID');
      expect(stderr).not.toContain('    at ');
    });

    test('a missing region is reported as such', async () => {
      const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...withoutRegion } = environment;
      const { code, stderr } = await deploy(project, [], withoutRegion);
      expect(code).toBe(2);
      expect(stderr).toContain('Set AWS_REGION');
    });

    test('an AWS that cannot be reached is reported as such', async () => {
      const { code, stderr } = await deploy(project, [], {
        ...environment,
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
        AWS_MAX_ATTEMPTS: '1',
      });
      expect(code).toBe(1);
      expect(stderr).toContain('ECONNREFUSED');
      expect(stderr).not.toContain('    at ');
    });
  },
);

test('bgfn package and bgfn deploy name what is missing', async () => {
  await using project = await temporaryProject();
  for (const args of [
    ['package', 'sam'],
    ['deploy', 'aws'],
  ]) {
    const ended: Partial<Ended> = await run(process.execPath, [command, ...args], {
      cwd: project.directory,
    }).catch((error: unknown) => error as Ended);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/manifest\.json/);
    expect(ended.stderr).toMatch(/bgfn[ -]build/);
  }
  const unknown: Partial<Ended> = await run(process.execPath, [command, 'package', 'pulumi'], {
    cwd: project.directory,
  }).catch((error: unknown) => error as Ended);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/sam, terraform/);
});
