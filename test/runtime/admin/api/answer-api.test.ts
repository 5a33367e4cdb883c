import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rig } from '../../support/rig.ts';

const source =
  'export const handler = async (event) => { console.log("ran with " + event.body + " " + (event.headers["x-netlify-event"] ?? "")); if (event.body === "bad") throw new Error("no"); };';
let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start(
    [
      { name: 'work-background', source },
      { name: 'deploy-succeeded', source },
      { name: 'listener', source, eventSubscriptions: ['deploy_succeeded'] },
      { name: 'hourly', source, schedule: '0 * * * *' },
    ],
    { retryDelaysSeconds: [0, 0] },
  );
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const post = (path: string, body?: unknown) => {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return rig.admin(path, { method: 'POST', body: text ?? null });
};

describe('the admin API', () => {
  test('lists the functions with their next run', async () => {
    const { functions } = (await (await rig.admin('/api/functions')).json()) as {
      functions: readonly { name: string; nextRun: string | null }[];
    };
    expect(functions.map(({ name }) => name)).toEqual([
      'work-background',
      'deploy-succeeded',
      'listener',
      'hourly',
    ]);
    expect(functions[3]!.nextRun).toMatch(/:00:00\.000Z$/);
    expect(functions[0]!.nextRun).toBe(null);
  });

  test('runs a function, shows its invocation, and retries a failed one', async () => {
    const { id } = (await (
      await post('/api/functions/work-background/invoke', { body: 'bad' })
    ).json()) as { id: string };
    await rig.line(/no attempt is left/);
    expect(
      await (await rig.admin('/api/invocations?state=failed&function=work-background')).json(),
    ).toMatchObject({ invocations: [{ id, state: 'failed' }] });
    const accepted = async (query: string) =>
      (
        (await (await rig.admin(`/api/invocations?${query}`)).json()) as {
          invocations: readonly unknown[];
        }
      ).invocations.length;
    expect([
      await accepted('since=0'),
      await accepted(`since=${Date.now() + 60_000}`),
      await accepted('until=1'),
    ]).toEqual([1, 0, 0]);
    expect(await (await post(`/api/invocations/${id}/cancel`)).json()).toMatchObject({
      errorType: 'WrongState',
    });
    const retried = await post(`/api/invocations/${id}/retry`);
    expect(retried.status).toBe(200);
    expect(await retried.json()).toMatchObject({ invocation: { id } });
  });

  test('fires a platform event for every function that listens to it', async () => {
    const { invocations } = (await (
      await post('/api/events/deploy_succeeded', '{"payload":{}}')
    ).json()) as { invocations: readonly { functionName: string }[] };
    expect(invocations.map(({ functionName }) => functionName)).toEqual([
      'deploy-succeeded',
      'listener',
    ]);
    await rig.line(/ran with \{"payload":\{\}\} deploy_succeeded/);
  });

  test.each([
    ['GET', '/api/invocations/none', 404],
    ['POST', '/api/invocations/none/retry', 404],
    ['POST', '/api/functions/none/invoke', 404],
    ['GET', '/api/none', 404],
    ['DELETE', '/api/functions', 405],
    ['GET', '/api/invocations?state=odd', 400],
    ['GET', '/api/invocations?limit=0', 400],
    ['GET', '/api/invocations?since=yesterday', 400],
    ['POST', '/api/invocations/retry?limit=x', 400],
    ['GET', '/api/logs?limit=x', 400],
  ])('answers %s %s with %i', async (method, target, status) => {
    expect((await rig.admin(target, { method })).status).toBe(status);
  });

  test('refuses a call with invalid fields', async () => {
    expect((await post('/api/functions/work-background/invoke', 'not json')).status).toBe(400);
    expect(
      (await post('/api/functions/work-background/invoke', { method: 'no spaces' })).status,
    ).toBe(400);
    expect(
      (await post('/api/functions/work-background/invoke', 'x'.repeat(1_048_577))).status,
    ).toBe(413);
  });

  test('streams the log as server-sent events, and continues where a reader left off', async () => {
    await post('/api/functions/work-background/invoke', { body: 'first' });
    const { body } = await rig.admin('/api/logs?follow=1&function=work-background');
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    const until = async (text: string): Promise<string> => {
      let seen = '';
      while (!seen.includes(text)) seen += (await reader.read()).value ?? '';
      return seen;
    };
    await until('ran with first');
    await post('/api/functions/work-background/invoke', { body: 'second' });
    const seen = await until('ran with second');
    await reader.cancel();
    const last = /id: (\d+)\ndata: [^\n]*ran with second/.exec(seen)?.[1] ?? '';
    const { lines } = (await (
      await rig.admin('/api/logs', { headers: { 'last-event-id': last } })
    ).json()) as { lines: readonly { text: string; sequence: number }[] };
    expect(lines.every(({ sequence }) => sequence > Number(last))).toBe(true);
  });
});
