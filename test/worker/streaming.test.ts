import { afterAll, describe, expect, test } from 'vitest';
import type { RunOutcome } from '../../src/worker/worker.ts';
import { behaviour, PoolRig } from './pool-rig.ts';

const rig = new PoolRig();
afterAll(() => rig.pool.close());
const fn = behaviour('streams');

function streamed(outcome: RunOutcome) {
  if (outcome.kind !== 'succeeded' || outcome.response.kind !== 'streamed') throw new Error(`No stream: ${JSON.stringify(outcome)}`);
  return outcome.response;
}

describe('a streamed response', () => {
  test('has status, headers and cookies of its prelude, and then the body', async () => {
    const { outcome, lines } = await rig.run(fn, { chunks: ['one ', 'two'] });
    const response = streamed(outcome);
    expect(response.statusCode).toBe(201);
    expect(response.headers).toEqual([
      ['content-type', 'text/plain'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    expect(await new Response(response.body).text()).toBe('one two');
    expect(lines.map((line) => line.text)).toEqual(['chunk 4', 'chunk 3']);
  });

  test('may have no body', async () => {
    expect(await new Response(streamed((await rig.run(fn, { chunks: [] })).outcome).body).text()).toBe('');
  });

  test('may have no prelude', async () => {
    const response = streamed((await rig.run(fn, { raw: true, chunks: ['raw'] })).outcome);
    expect(response).toMatchObject({ statusCode: 200, headers: [['content-type', 'application/octet-stream']] });
    expect(await new Response(response.body).text()).toBe('raw');
  });

  test('is as long as it likes', async () => {
    const chunks = Array.from({ length: 80 }, () => 'x'.repeat(100_000));
    expect((await new Response(streamed((await rig.run(fn, { chunks })).outcome).body).bytes()).length).toBe(8_000_000);
  });

  test('lets the worker go on when nobody reads it to the end', async () => {
    await streamed((await rig.run(fn, { chunks: Array.from({ length: 50 }, () => 'x'.repeat(100_000)) })).outcome).body.cancel();
    expect(await new Response(streamed((await rig.run(fn, { chunks: ['next'] })).outcome).body).text()).toBe('next');
  });

  test('is an ordinary failure when the handler fails before the first byte', async () => {
    expect((await rig.run(fn, { failBefore: true, chunks: [] })).outcome).toMatchObject({ kind: 'failed', failure: { reason: 'error', message: 'failed before the first byte' } });
  });

  test('breaks with the error when the handler fails in the middle', async () => {
    const { body } = streamed((await rig.run(fn, { failAfter: true, chunks: ['begun'] })).outcome);
    await expect(new Response(body).text()).rejects.toMatchObject({ name: 'RangeError', message: 'failed in the middle' });
  });

  test('breaks when the worker dies in the middle', async () => {
    const { body } = streamed((await rig.run(fn, { dieAfter: true, chunks: ['begun'] })).outcome);
    await expect(new Response(body).text()).rejects.toThrow('The worker ended before its response was complete.');
  });

  test('breaks at the deadline', async () => {
    const { body } = streamed((await rig.run(fn, { hangAfter: true, chunks: ['begun'] }, { timeoutMs: 500 })).outcome);
    await expect(new Response(body).text()).rejects.toThrow('The worker ended before its response was complete.');
  });
});
