import { describe, expect, test } from 'vitest';
import { createHandler } from '../../../src/adapter/index.ts';
import { eventHandlerSlugs } from '../../../src/builder/discover/source-config/event-handlers.ts';
import { sampleEvents } from '../../../src/cli/events/sample-events.ts';

const now = new Date('2026-05-01T12:00:00Z');
const handled = Object.entries(eventHandlerSlugs).filter(([handler]) => handler !== 'fetch');

async function received(
  handlerName: string,
  slug: string,
): Promise<Record<string, Record<string, unknown>>> {
  let seen: unknown;
  const handler = createHandler(
    { default: { [handlerName]: (event: unknown) => void (seen = event) } },
    { name: 'listener', background: false, routes: [] },
  );
  const event = {
    httpMethod: 'POST',
    path: '/.netlify/functions/listener',
    rawUrl: 'http://localhost/.netlify/functions/listener',
    headers: { 'content-type': 'application/json', 'x-netlify-event': slug },
    body: JSON.stringify(sampleEvents[slug]?.body(now)),
    isBase64Encoded: false,
  };
  await handler(event, { awsRequestId: '1', getRemainingTimeInMillis: () => 10_000 });
  return seen as Record<string, Record<string, unknown>>;
}

describe('sample events', () => {
  test('exist for every event handler of a function', () => {
    expect(handled.map(([, slug]) => slug).filter((slug) => !(slug in sampleEvents))).toEqual([]);
  });

  test.each(handled)('%s accepts the sample of %s', async (handlerName, slug) => {
    expect(await received(handlerName, slug)).toBeTypeOf('object');
  });

  test('a deploy arrives in camel case with its site', async () => {
    const { deploy, site } = await received('deploySucceeded', 'deploy_succeeded');
    expect(deploy).toMatchObject({
      branch: 'main',
      state: 'ready',
      time: 42,
      manual: false,
      publishedAt: now.toISOString(),
    });
    expect(site).toMatchObject({ name: 'local-site' });
  });

  test('a sign-up has the user with the fields of Identity', async () => {
    const { user } = await received('userSignup', 'identity_signup');
    expect(user).toMatchObject({
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      roles: ['member'],
    });
  });
});
