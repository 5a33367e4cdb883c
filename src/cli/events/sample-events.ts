/**
 * The events that `bgfn trigger` fires, by slug, each with a body that has every field that Netlify
 * sends.
 */
export const sampleEvents: Readonly<Record<string, SampleEvent>> = {
  deploy_building: deployEvent('a deploy begins to build', 'building'),
  deploy_succeeded: deployEvent('a deploy was published', 'ready'),
  deploy_failed: deployEvent('a deploy failed', 'error', {
    error_message: 'Build script returned non-zero exit code: 2',
  }),
  deploy_deleted: deployEvent('a deploy was deleted', 'deleted'),
  deploy_locked: deployEvent('a deploy was locked', 'ready', { locked: true }),
  deploy_unlocked: deployEvent('a deploy was unlocked', 'ready', { locked: false }),
  submission_created: {
    summary: 'a form was sent',
    body: (now) => ({ payload: submission(now), site }),
  },
  split_test_activated: splitTestEvent('a split test was activated', true),
  split_test_deactivated: splitTestEvent('a split test was deactivated', false),
  split_test_modified: splitTestEvent('a split test was changed', true),
  identity_validate: identityEvent('somebody wants to sign up', 'validate', {
    confirmed_at: undefined,
  }),
  identity_signup: identityEvent('somebody signed up', 'signup'),
  identity_login: identityEvent('somebody logged in', 'login'),
  identity_usermodified: identityEvent('a user was changed', 'usermodified'),
  identity_userdeleted: identityEvent('a user was deleted', 'userdeleted'),
};

export interface SampleEvent {
  /** When Netlify sends the event, in a few words. */
  readonly summary: string;
  /** Makes the JSON body, with times around `now`. */
  readonly body: (now: Date) => Record<string, unknown>;
}

const siteId = '5f0c2a1e-3b4d-4e6f-8a90-1b2c3d4e5f60';
const deployId = '650b1f2e9c0d4a0008f1e2d3';

const site = {
  id: siteId,
  site_id: siteId,
  name: 'local-site',
  url: 'https://local-site.example.com',
  ssl_url: 'https://local-site.example.com',
  admin_url: 'https://app.example.com/sites/local-site',
  custom_domain: null,
  domain_aliases: [],
  account_id: '5e9f8a7b6c5d4e3f2a1b0c9d',
  account_name: 'Local',
  account_slug: 'local',
  state: 'current',
};

function deployEvent(
  summary: string,
  state: string,
  extra: Readonly<Record<string, unknown>> = {},
): SampleEvent {
  return {
    summary,
    body: (now) => ({
      payload: {
        id: deployId,
        site_id: siteId,
        build_id: '650b1f2e9c0d4a0008f1e2d1',
        name: site.name,
        state,
        context: 'production',
        branch: 'main',
        commit_ref: '4f2d9c1b7a6e5d8c3b2a1f0e9d8c7b6a5f4e3d2c',
        commit_url: 'https://git.example.com/local/local-site/commit/4f2d9c1b',
        title: 'Change the opening hours',
        review_id: null,
        url: site.url,
        deploy_url: `https://${deployId}--local-site.example.com`,
        deploy_ssl_url: `https://${deployId}--local-site.example.com`,
        admin_url: site.admin_url,
        error_message: null,
        created_at: secondsBefore(now, 42),
        updated_at: now.toISOString(),
        published_at: state === 'ready' ? now.toISOString() : null,
        deploy_time: 42,
        manual_deploy: false,
        locked: null,
        skipped: null,
        framework: 'unknown',
        ...extra,
      },
      site,
    }),
  };
}

function splitTestEvent(summary: string, active: boolean): SampleEvent {
  return {
    summary,
    body: (now) => ({
      payload: {
        id: '650b1f2e9c0d4a0008f1e2aa',
        site_id: siteId,
        name: 'Headline',
        path: '/',
        branches: [
          { branch: 'main', percentage: 80 },
          { branch: 'new-headline', percentage: 20 },
        ],
        active,
        created_at: secondsBefore(now, 86_400),
        updated_at: now.toISOString(),
      },
      site,
    }),
  };
}

function submission(now: Date): Record<string, unknown> {
  const fields = {
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    message: 'Do you ship to London?',
  };
  return {
    id: '650b1f2e9c0d4a0008f1e2ff',
    number: 7,
    title: null,
    email: fields.email,
    name: fields.name,
    first_name: 'Ada',
    last_name: 'Lovelace',
    company: null,
    summary: fields.message,
    body: fields.message,
    data: {
      ...fields,
      ip: '203.0.113.7',
      user_agent: 'Mozilla/5.0',
      referrer: `${site.url}/contact`,
    },
    human_fields: { Name: fields.name, Email: fields.email, Message: fields.message },
    ordered_human_fields: Object.entries(fields).map(([name, value]) => ({
      title: name.charAt(0).toUpperCase() + name.slice(1),
      name,
      value,
    })),
    form_id: '650b1f2e9c0d4a0008f1e2fe',
    form_name: 'contact',
    site_url: site.url,
    created_at: now.toISOString(),
  };
}

function identityEvent(
  summary: string,
  event: string,
  extra: Readonly<Record<string, unknown>> = {},
): SampleEvent {
  return {
    summary,
    body: (now) => ({
      event,
      instance_id: 'b1946ac9-2c1d-4a5e-9f07-3d2c1b0a9f8e',
      user: {
        id: 'c3d2e1f0-1a2b-4c3d-8e4f-5a6b7c8d9e0f',
        aud: '',
        role: '',
        email: 'ada@example.com',
        confirmed_at: secondsBefore(now, 60),
        confirmation_sent_at: secondsBefore(now, 120),
        app_metadata: { provider: 'email', roles: ['member'] },
        user_metadata: {
          full_name: 'Ada Lovelace',
          avatar_url: 'https://local-site.example.com/ada.png',
        },
        created_at: secondsBefore(now, 120),
        updated_at: now.toISOString(),
        ...extra,
      },
    }),
  };
}

function secondsBefore(now: Date, seconds: number): string {
  return new Date(now.getTime() - seconds * 1000).toISOString();
}
