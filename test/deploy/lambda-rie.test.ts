import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { build } from '../../src/build.ts';
import { temporaryProject } from '../build/temporary-project.ts';
import { freePort } from './emulators.ts';

/** Amazon's own emulator of Lambda: `scripts/install-aws-tools.sh` compiles it where its module can be had. */
const emulator = process.env.BGFN_LAMBDA_RIE;
const goInstalled = spawnSync('go', ['version']).status === 0;
const goSite = fileURLToPath(new URL('../../fixtures/go-site', import.meta.url));

test.skipIf(emulator === undefined || !goInstalled)('a Go bootstrap answers under aws-lambda-rie (needs BGFN_LAMBDA_RIE and Go)', async () => {
  await using project = await temporaryProject();
  await cp(goSite, project.directory, { recursive: true });
  await build({ projectDirectory: project.directory });
  expect(spawnSync('unzip', ['-q', project.path('.netlify/functions/total.zip'), '-d', project.path('unzipped')]).status).toBe(0);
  const port = await freePort();
  const child = spawn(emulator ?? '', ['--runtime-interface-emulator-address', `127.0.0.1:${port}`, project.path('unzipped/bootstrap')], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    // Its first words come once it listens.
    await Promise.race([once(child.stderr, 'data'), once(child.stdout, 'data')]);
    const event = { httpMethod: 'POST', path: '/', headers: {}, body: '[150, 275]', isBase64Encoded: false };
    const response = await fetch(`http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`, { method: 'POST', body: JSON.stringify(event) });
    expect(await response.json()).toMatchObject({ statusCode: 200, body: '4.25 EUR' });
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
}, 120_000);
