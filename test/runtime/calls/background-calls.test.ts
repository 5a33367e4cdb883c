import { describe, expect, test } from 'vitest';
import { Rig } from '../support/rig.ts';

const source =
  'export const handler = async (event) => { console.log("attempt " + event.headers["x-bgfn-attempt"] + " of " + event.headers["x-nf-request-id"]); if (event.body === "bad") throw new Error("no"); };';

describe('a background call', () => {
  test('is answered with 202 and an empty body, runs, and is found by its request id', async () => {
    await using rig = await Rig.start([{ name: 'work-background', source }]);
    const response = await rig.call('/.netlify/functions/work-background', {
      method: 'POST',
      body: 'good',
    });
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('');
    expect(response.headers.get('content-length')).toBe('0');
    const id = response.headers.get('x-nf-request-id');
    await rig.line(new RegExp(`attempt 1 of ${id}`));
    await rig.line(/^succeeded in/);
    expect(await (await rig.admin(`/api/invocations/${id}`)).json()).toMatchObject({
      invocation: { id, state: 'succeeded', attempt: 1 },
      attempts: [{ number: 1, outcome: 'succeeded' }],
    });
  });

  test('that fails is retried with the same id and the number of the attempt, until no attempt is left', async () => {
    await using rig = await Rig.start([{ name: 'work-background', source }], {
      retryDelaysSeconds: [0, 0],
    });
    const id = (
      await rig.call('/.netlify/functions/work-background', { method: 'POST', body: 'bad' })
    ).headers.get('x-nf-request-id');
    await rig.line(/no attempt is left/);
    expect(
      rig.lines
        .filter(({ stream }) => stream === 'stdout')
        .map(({ text, attempt }) => `${attempt}: ${text}`),
    ).toEqual([1, 2, 3].map((attempt) => `${attempt}: attempt ${attempt} of ${id}`));
    expect(await (await rig.admin(`/api/invocations/${id}`)).json()).toMatchObject({
      invocation: { state: 'failed', lastError: { type: 'Error', message: 'no' } },
    });
  });

  test('with a known idempotency key is the same invocation', async () => {
    await using rig = await Rig.start([
      { name: 'work-background', source },
      { name: 'other-background', source },
    ]);
    const call = async (name: string, key: string) =>
      (
        await rig.call(`/.netlify/functions/${name}-background`, {
          method: 'POST',
          headers: { 'idempotency-key': key },
        })
      ).headers.get('x-nf-request-id');
    const first = await call('work', 'order-1');
    expect(await call('work', 'order-1')).toBe(first);
    expect(await call('work', 'order-2')).not.toBe(first);
    expect(await call('other', 'order-1')).not.toBe(first);
    expect(
      (
        await rig.call('/.netlify/functions/work-background', {
          method: 'POST',
          headers: { 'idempotency-key': 'x'.repeat(256) },
        })
      ).status,
    ).toBe(400);
  });

  test('of more than 256 KiB is refused with 413, and of exactly 256 KiB is accepted', async () => {
    await using rig = await Rig.start([{ name: 'work-background', source }]);
    const call = async (size: number) =>
      (
        await rig.call('/.netlify/functions/work-background', {
          method: 'POST',
          body: Buffer.alloc(size, 'x'),
        })
      ).status;
    expect(await call(262_145)).toBe(413);
    expect(await call(262_144)).toBe(202);
  });
});
