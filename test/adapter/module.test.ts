import { describe, expect, it } from 'vitest';
import { createHandler } from '../../src/adapter/index.ts';
import { lambdaContext, netlifyEvent, postJson } from './support/call-events.ts';

const v2 = () => new Response('v2');
const v1 = async () => ({ statusCode: 200, body: 'v1' });
const options = { name: 'order-background', background: false, routes: [] };

describe('the entry of a function', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a default export', { default: v2 }, 'v2'],
    ['a default export with fetch', { default: { fetch: v2 } }, 'v2'],
    ['a CommonJS module that is a function', { default: v2, 'module.exports': v2 }, 'v2'],
    ['a transpiled default export', { default: { __esModule: true, default: v2 } }, 'v2'],
    [
      'a transpiled default export with config',
      { __esModule: true, config: {}, default: { __esModule: true, default: v2, config: {} } },
      'v2',
    ],
    ['a handler export', { handler: v1 }, 'v1'],
    ['a CommonJS handler', { default: { handler: v1 } }, 'v1'],
    ['a transpiled handler', { default: { __esModule: true, handler: v1 } }, 'v1'],
    [
      'a transpiled handler inside a namespace',
      { default: { __esModule: true, default: { handler: v1 } } },
      'v1',
    ],
    ['a handler beside a default export', { default: v2, handler: v1 }, 'v1'],
    [
      'a handler on a CommonJS function',
      { default: Object.assign(() => 'neither', { handler: v1 }) },
      'v1',
    ],
  ])('is found in %s', async (_where, module, body) => {
    expect(await createHandler(module, options)(netlifyEvent, lambdaContext)).toMatchObject({
      body,
    });
  });

  it.each([
    {},
    { default: undefined },
    { default: null },
    { default: 42 },
    { default: {} },
    { handler: 'text' },
    { main: v2 },
    { default: { default: { default: {} } } },
  ])('is missing in %j, with a message that says what to export', (module) => {
    expect(() => createHandler(module, options)).toThrow(
      /"order-background" exports .*Add "export default async \(req, context\)/,
    );
  });

  it('keeps `this` for an object with handlers', async () => {
    const site = {
      greeting: 'hello',
      fetch() {
        return new Response(this.greeting);
      },
    };
    expect(
      await createHandler({ default: site }, options)(netlifyEvent, lambdaContext),
    ).toMatchObject({ body: 'hello' });
  });

  it('reports which events an object without fetch handles', async () => {
    const handler = createHandler({ default: { userLogin: v2, config: {} } }, options);
    await expect(handler(netlifyEvent, lambdaContext)).rejects.toThrow(
      'handles userLogin, config, not HTTP requests',
    );
    await expect(
      handler(postJson({}, { 'x-netlify-event': 'deploy_failed' }), lambdaContext),
    ).rejects.toThrow('not deploy_failed');
  });
});
