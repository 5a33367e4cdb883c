import { describe, expect, it } from 'vitest';
import { createHandler } from '../../src/adapter/http-only.ts';
import { lambdaContext, netlifyEvent, postJson } from './support/call-events.ts';

const options = { name: 'plain', background: false, routes: [] };

describe('the adapter without events', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a function', { default: () => new Response('ok') }],
    ['an object with fetch', { default: { fetch: () => new Response('ok') } }],
    ['a v1 handler', { handler: async () => ({ statusCode: 200, body: 'ok' }) }],
  ])('answers for %s', async (_what, module) => {
    expect(await createHandler(module, options)(netlifyEvent, lambdaContext)).toMatchObject({
      statusCode: 200,
      body: 'ok',
    });
  });

  it('passes the request of an event to fetch', async () => {
    const fetch = (req: Request) => new Response(req.headers.get('x-netlify-event'));
    expect(
      await createHandler({ default: { fetch } }, options)(
        postJson({}, { 'x-netlify-event': 'deploy_failed' }),
        lambdaContext,
      ),
    ).toMatchObject({ body: 'deploy_failed' });
  });

  it('finds no entry in an object without fetch', () => {
    expect(() => createHandler({ default: {} }, options)).toThrow('exports default');
  });
});
