import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../src/adapter/index.ts';
import { lambdaContext, postJson } from './support/call-events.ts';

interface Result {
  readonly statusCode: number;
  readonly body: string;
}

async function send(
  handlers: Record<string, unknown>,
  slug: string,
  body: unknown,
): Promise<Result> {
  const handler = createHandler(
    { default: handlers },
    { name: 'on-event', background: false, routes: [] },
  );
  return (await handler(postJson(body, { 'x-netlify-event': slug }), lambdaContext)) as Result;
}

const site = {
  id: 's1',
  name: 'shop',
  url: 'https://shop.example',
  admin_url: 'https://admin.example',
};
const deploy = {
  id: 'd1',
  site_id: 's1',
  build_id: null,
  state: 'ready',
  error_message: null,
  url: 'http://x',
  ssl_url: 'https://x',
  deploy_ssl_url: 'https://d1--x',
  admin_url: 'https://a',
  context: 'production',
  branch: 'trunk',
  commit_ref: 'abc',
  created_at: '2026-01-01T00:00:00Z',
  published_at: null,
  deploy_time: 12,
  manual_deploy: true,
};
const user = {
  id: 'u1',
  email: 'ann@example.com',
  confirmed_at: '2026-01-02T00:00:00Z',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-03T00:00:00Z',
  role: '',
  new_email: '',
  app_metadata: { provider: 'email', roles: ['editor'] },
  user_metadata: { full_name: 'Ann', avatar_url: 'https://a/ann.png', plan: 'pro' },
};

afterEach(() => vi.restoreAllMocks());

describe('an event handler of a v2 function', () => {
  it.each([
    ['deployBuilding', 'deploy_building'],
    ['deploySucceeded', 'deploy_succeeded'],
    ['deployFailed', 'deploy_failed'],
    ['deployDeleted', 'deploy_deleted'],
    ['deployLocked', 'deploy_locked'],
    ['deployUnlocked', 'deploy_unlocked'],
  ])('%s gets the deploy of %s in camel case', async (name, slug) => {
    const seen = vi.fn<(event: unknown) => void>();
    expect(await send({ [name]: seen }, slug, { payload: deploy, site })).toMatchObject({
      statusCode: 200,
      body: '',
    });
    expect(seen.mock.calls).toEqual([
      [
        {
          deploy: expect.objectContaining({
            id: 'd1',
            siteId: 's1',
            buildId: null,
            state: 'ready',
            errorMessage: null,
            sslUrl: 'https://x',
            permalinkUrl: 'https://d1--x',
            commitRef: 'abc',
            createdAt: '2026-01-01T00:00:00Z',
            publishedAt: null,
            time: 12,
            manual: true,
          }),
          site: {
            id: 's1',
            name: 'shop',
            url: 'https://shop.example',
            adminUrl: 'https://admin.example',
          },
        },
      ],
    ]);
  });

  it('formSubmitted gets the fields of the form', async () => {
    const seen = vi.fn<(event: unknown) => void>();
    await send({ formSubmitted: seen }, 'submission_created', {
      payload: { data: { name: 'Ann' }, human_fields: {} },
      site,
    });
    expect(seen).toHaveBeenCalledWith({ data: { name: 'Ann' } });
  });

  it.each([
    ['userLogin', 'identity_login'],
    ['userSignup', 'identity_signup'],
    ['userValidate', 'identity_validate'],
    ['userModified', 'identity_usermodified'],
    ['userDeleted', 'identity_userdeleted'],
  ])('%s gets the user of %s', async (name, slug) => {
    const seen = vi.fn<(event: unknown) => void>();
    expect(await send({ [name]: seen }, slug, { event: 'login', user })).toMatchObject({
      statusCode: 200,
      body: '',
    });
    expect(seen.mock.calls[0]?.[0]).toMatchObject({
      user: {
        id: 'u1',
        email: 'ann@example.com',
        confirmedAt: '2026-01-02T00:00:00Z',
        name: 'Ann',
        pictureUrl: 'https://a/ann.png',
        provider: 'email',
        roles: ['editor'],
        userMetadata: user.user_metadata,
        appMetadata: user.app_metadata,
      },
    });
    expect(seen.mock.calls[0]?.[0]).not.toHaveProperty('user.role');
  });

  it('keeps its `this`', async () => {
    const seen: unknown[] = [];
    const handlers = {
      list: seen,
      formSubmitted(event: { data: unknown }) {
        this.list.push(event.data);
      },
    };
    await send(handlers, 'submission_created', { payload: { data: { a: 1 } } });
    expect(seen).toEqual([{ a: 1 }]);
  });

  it('denies a user with 401', async () => {
    const deny = (event: { deny(): void }) => event.deny();
    expect(await send({ userSignup: deny }, 'identity_signup', { user })).toMatchObject({
      statusCode: 401,
      body: '',
    });
  });

  it('changes a user, which is returned in the snake case of Identity', async () => {
    const change = ({ user: given }: { user: Record<string, unknown> }) => ({
      user: { ...given, roles: ['admin'], name: 'Ann B.' },
    });
    const { statusCode, body } = await send({ userSignup: change }, 'identity_signup', { user });
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      id: 'u1',
      confirmed_at: '2026-01-02T00:00:00Z',
      app_metadata: { provider: 'email', roles: ['admin'] },
      user_metadata: { full_name: 'Ann B.', avatar_url: 'https://a/ann.png', plan: 'pro' },
    });
    expect(body).not.toContain('appMetadata');
  });

  it('cannot change or deny a deleted user', async () => {
    const change = (event: { user: unknown; deny(): void }) => {
      event.deny();
      return { user: event.user };
    };
    expect(await send({ userDeleted: change }, 'identity_userdeleted', { user })).toMatchObject({
      statusCode: 200,
      body: '',
    });
  });

  it.each([
    ['deploy_failed', {}],
    ['deploy_failed', { payload: deploy }],
    ['submission_created', { payload: {}, site }],
    ['identity_login', { user: 'ann' }],
    ['identity_login', null],
  ])('is not called for a payload that is not of %s: %j', async (slug, body) => {
    vi.spyOn(console, 'error').mockReturnValue();
    const seen = vi.fn<() => void>();
    const result = await send(
      { deployFailed: seen, formSubmitted: seen, userLogin: seen },
      slug,
      body,
    );
    expect(result).toMatchObject({
      statusCode: 400,
      body: `{"error":"Invalid event payload for \\"${slug}\\""}`,
    });
    expect(seen).not.toHaveBeenCalled();
  });

  it('leaves other events and plain requests to fetch', async () => {
    const fetch = async (req: Request) =>
      new Response(`${req.headers.get('x-netlify-event')} ${await req.text()}`);
    expect(
      await send({ fetch, deployFailed: () => undefined }, 'deploy_locked', { a: 1 }),
    ).toMatchObject({ body: 'deploy_locked {"a":1}' });
    expect(await send({ fetch }, 'constructor', 1)).toMatchObject({ body: 'constructor 1' });
  });

  it('fails the call when it throws', async () => {
    const fails = () => Promise.reject(new Error('no mail'));
    await expect(
      send({ deployFailed: fails }, 'deploy_failed', { payload: deploy, site }),
    ).rejects.toThrow('no mail');
  });
});
