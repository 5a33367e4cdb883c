import { spawnSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../src/builder/pipeline.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import type { NewLogLine } from '../../src/runtime/logs/log-store.ts';
import type { Runtime } from '../../src/runtime/options.ts';
import { temporaryProject, type TemporaryProject } from '../builder/support/temporary-project.ts';

const goInstalled = spawnSync('go', ['version']).status === 0;
const fixture = fileURLToPath(new URL('../../fixtures/go-site', import.meta.url));

describe.skipIf(!goInstalled || process.platform !== 'linux')(
  'Go functions from source, built and served (skipped without Go)',
  () => {
    let project: TemporaryProject;
    let runtime: Runtime;
    const lines: NewLogLine[] = [];
    let onLine: (() => void) | undefined;

    beforeAll(async () => {
      project = await temporaryProject();
      await cp(fixture, project.directory, { recursive: true });
      await cp(
        project.path('netlify/functions/total.go'),
        project.path('netlify/functions/sum.go'),
      );
      await build({ projectDirectory: project.directory });
      runtime = await startRuntime({
        artifactsDirectory: project.path('.netlify/functions'),
        port: 0,
        storeFile: project.path('.bgfn/queue.db'),
        retryDelaysSeconds: [0, 0],
        onLog: (entry) => {
          lines.push(entry);
          onLine?.();
        },
      });
    }, 300_000);
    afterAll(async () => {
      await runtime.close();
      await project[Symbol.asyncDispose]();
    });

    async function line(pattern: RegExp): Promise<NewLogLine> {
      for (;;) {
        const found = lines.find(({ text }) => pattern.test(text));
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => void (onLine = resolve));
      }
    }

    const post = (name: string, body: string) =>
      fetch(`${runtime.url}/.netlify/functions/${name}`, { method: 'POST', body });

    test('a background call is accepted at once, fails, and is retried', async () => {
      const response = await post(
        'changelog-background',
        JSON.stringify({ markdown: '# Version 2', failBelow: 2 }),
      );
      expect([response.status, await response.text()]).toEqual([202, '']);
      expect(await line(/not on attempt 1/)).toMatchObject({
        functionName: 'changelog-background',
        attempt: 1,
      });
      expect(await line(/attempt 2 rendered <h1>Version 2<\/h1>/)).toMatchObject({
        attempt: 2,
        invocationId: response.headers.get('x-nf-request-id'),
      });
    });

    test('sync functions answer', async () => {
      const greeting = await fetch(`${runtime.url}/.netlify/functions/greet?name=Ada`);
      expect([greeting.status, await greeting.text()]).toEqual([200, 'Hello, Ada!']);
      expect(await (await post('total', '[150, 275]')).text()).toBe('4.25 EUR');
      expect((await post('total', 'not JSON')).status).toBe(400);
      expect(await (await post('letter', 'Ada')).text()).toBe(
        'Dear Ada, your order is on its way.',
      );
    });

    test('two functions with one digest both answer', async () => {
      const answers = await Promise.all(
        ['total', 'sum', 'total', 'sum'].map(
          async (name) => await (await post(name, '[100]')).text(),
        ),
      );
      expect(answers).toEqual(['1.00 EUR', '1.00 EUR', '1.00 EUR', '1.00 EUR']);
    });
  },
);
