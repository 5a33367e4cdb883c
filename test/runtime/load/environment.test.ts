import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  environmentOf,
  functionEnvironment,
  readEnvFiles,
} from '../../../src/runtime/load/environment.ts';
import { resolveSite } from '../../../src/runtime/load/site.ts';
import { manifestFunction } from '../support/artifacts.ts';

const site = resolveSite(
  { id: 'site-1', name: 'lamps', url: 'https://lamps.test', region: 'eu-central-1' },
  'http://127.0.0.1:8888',
  {},
);

describe('the environment of a function', () => {
  test('has the variables of the process, of the env files and of the site, but not those of bgfn', () => {
    const environment = functionEnvironment({
      processEnv: {
        PATH: '/bin',
        API_KEY: 'from the process',
        BGFN_STORE: 'x',
        BGFN_ADMIN_TOKEN: 'sesame',
        NETLIFY_AUTH_TOKEN: 'x',
        npm_lifecycle_event: 'start',
        NOTIFY_SOCKET: '/run/x',
        STATE_DIRECTORY: '/var/lib/x',
        COPY_OF_TOKEN: 'the sesame',
        UNSET: undefined,
        URL: 'wrong',
      },
      fileEnv: { API_KEY: 'from the file', OTHER: '1', BGFN_X: '1' },
      secrets: ['sesame'],
      site,
      development: false,
    });
    expect(environment).toEqual({
      PATH: '/bin',
      API_KEY: 'from the process',
      OTHER: '1',
      SITE_ID: 'site-1',
      SITE_NAME: 'lamps',
      URL: 'https://lamps.test',
      DEPLOY_ID: '0',
      CONTEXT: 'dev',
      AWS_REGION: 'eu-central-1',
    });
  });

  test('names a development server as such, as netlify dev does', () => {
    expect(
      functionEnvironment({ processEnv: {}, fileEnv: {}, secrets: [], site, development: true }),
    ).toMatchObject({ NETLIFY_DEV: 'true', NETLIFY_LOCAL: 'true' });
  });

  test('lets sync Node functions stream, whatever the manifest says for Netlify', () => {
    for (const invocationMode of ['stream', 'buffer'] as const) {
      expect(environmentOf(manifestFunction({ name: 'a', invocationMode }).entry, {})).toEqual({
        BGFN_RESPONSE_MODE: 'streaming',
      });
    }
    expect(
      environmentOf(manifestFunction({ name: 'a', invocationMode: 'background' }).entry, {}),
    ).toEqual({});
    expect(
      environmentOf(
        manifestFunction({ name: 'a', invocationMode: 'stream', runtime: 'go' }).entry,
        {},
      ),
    ).toEqual({});
  });

  test('is read from env files, and a later file takes precedence', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'bgfn-env-'));
    await writeFile(path.join(root, '1'), 'A=1\nB="two words" # comment\nexport C=3\n');
    await writeFile(path.join(root, '2'), 'A=2\n');
    expect(await readEnvFiles([path.join(root, '1'), path.join(root, '2')])).toEqual({
      A: '2',
      B: 'two words',
      C: '3',
    });
    await expect(readEnvFiles([path.join(root, 'none')])).rejects.toMatchObject({
      code: 'ENV_FILE_UNREADABLE',
      kind: 'usage',
    });
    await rm(root, { recursive: true });
  });

  test('takes missing properties of the site from the environment, or else from the defaults of Netlify', () => {
    expect(
      resolveSite({}, 'http://127.0.0.1:1', { SITE_ID: 's', URL: 'https://x.test' }),
    ).toMatchObject({ id: 's', url: 'https://x.test', name: 'site-name', region: 'us-east-1' });
    expect(resolveSite({}, 'http://127.0.0.1:1', {})).toMatchObject({
      id: 'unlinked',
      url: 'http://127.0.0.1:1',
      deployPublished: false,
    });
  });
});
