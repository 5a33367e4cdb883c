import { isFunction, isObject, type Fields, type UnknownFunction } from './types.ts';

const handlerNames: Readonly<Record<string, string>> = {
  submission_created: 'formSubmitted',
  identity_login: 'userLogin',
  identity_signup: 'userSignup',
  identity_validate: 'userValidate',
  identity_usermodified: 'userModified',
  identity_userdeleted: 'userDeleted',
};

const camel = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** What an object export may handle besides `fetch`, for error messages and for recognising one. */
export const eventHandlerNames: readonly string[] = [
  ...['building', 'succeeded', 'failed', 'deleted', 'locked', 'unlocked'].map((state) => camel(`deploy_${state}`)),
  ...Object.values(handlerNames),
];

/** The handler for the slug in `x-netlify-event`: `deploy_building` → `deployBuilding`, `submission_created` → `formSubmitted`. */
export function eventHandlerOf(exported: Fields, slug: string): UnknownFunction | undefined {
  const name = handlerNames[slug] ?? camel(slug);
  const handler = eventHandlerNames.includes(name) ? exported[name] : undefined;
  return isFunction(handler) ? handler.bind(exported) : undefined;
}

const empty = (status: number): Response => new Response(null, { status });
const filled = (value: unknown): unknown => (value === '' ? undefined : (value ?? undefined));

/** Runs an event handler on the request's JSON and answers as Netlify does: 200, 400 for a payload that is not the event's, 401 after `deny()`. */
export async function handleEvent(slug: string, request: Request, handler: UnknownFunction): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  const subject = isObject(body) ? body[slug.startsWith('identity') ? 'user' : 'payload'] : undefined;
  if (!isObject(body) || !isObject(subject)) return refuse(slug);
  if (slug.startsWith('identity')) return handleIdentity(slug, subject, handler);
  if (slug === 'submission_created') {
    if (!isObject(subject['data'])) return refuse(slug);
    await handler({ data: subject['data'] });
  } else {
    if (!isObject(body['site']) || typeof subject['id'] !== 'string') return refuse(slug);
    await handler({ deploy: deployOf(subject), site: pick(body['site'], 'id name url adminUrl') });
  }
  return empty(200);
}

function refuse(slug: string): Response {
  const error = `Invalid event payload for "${slug}"`;
  console.error(error);
  return Response.json({ error }, { status: 400 });
}

const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The fields named, from snake case; one with a `?` is null when absent. */
function pick(raw: Fields, names: string): Record<string, unknown> {
  return Object.fromEntries(
    names.split(' ').map((each) => {
      const name = each.replace('?', '');
      return [name, raw[snake(name)] ?? (name === each ? undefined : null)];
    }),
  );
}

function deployOf(raw: Fields): Fields {
  return {
    ...pick(raw, 'id siteId buildId? state errorMessage? url sslUrl adminUrl context branch? commitRef? commitUrl? commitMessage? committer? title? createdAt publishedAt? framework?'),
    permalinkUrl: raw['deploy_ssl_url'],
    time: raw['deploy_time'] ?? null,
    manual: Boolean(raw['manual_deploy']),
  };
}

const userDates = 'confirmedAt updatedAt role invitedAt confirmationSentAt recoverySentAt emailChangeSentAt lastSignInAt';

async function handleIdentity(slug: string, raw: Fields, handler: UnknownFunction): Promise<Response> {
  if (typeof raw['id'] !== 'string' || typeof raw['email'] !== 'string') return refuse(slug);
  let denied = false;
  const result = await handler({
    user: userOf(raw),
    deny: () => {
      denied = true;
    },
  });
  if (slug === 'identity_userdeleted') return empty(200);
  if (denied) return empty(401);
  return isObject(result) && isObject(result['user']) ? Response.json(rawUserOf(result['user'])) : empty(200);
}

function userOf(raw: Fields): Fields {
  const appMetadata = isObject(raw['app_metadata']) ? raw['app_metadata'] : {};
  const userMetadata = isObject(raw['user_metadata']) ? raw['user_metadata'] : {};
  const { roles } = appMetadata;
  const optional = Object.entries(pick(raw, userDates)).map(([name, value]) => [name, filled(value)]);
  return {
    id: raw['id'],
    email: raw['email'],
    createdAt: raw['created_at'],
    ...Object.fromEntries(optional),
    pendingEmail: filled(raw['new_email']),
    provider: filled(appMetadata['provider']),
    name: filled(userMetadata['full_name']) ?? userMetadata['name'],
    pictureUrl: userMetadata['avatar_url'],
    roles: Array.isArray(roles) ? roles : undefined,
    userMetadata,
    appMetadata,
  };
}

/** The user an identity handler returned, in the snake case that Identity reads. */
function rawUserOf(user: Fields): Fields {
  const dates = userDates.split(' ').map((name) => [snake(name), user[name] ?? (/updated|role/.test(name) ? undefined : null)]);
  const { provider, roles } = user;
  return {
    id: user['id'],
    email: user['email'],
    created_at: user['createdAt'],
    ...Object.fromEntries(dates),
    new_email: user['pendingEmail'] ?? null,
    app_metadata: { ...(user['appMetadata'] as Fields | undefined), ...(provider !== undefined && { provider }), ...(roles !== undefined && { roles }) },
    user_metadata: {
      ...(user['userMetadata'] as Fields | undefined),
      ...(user['name'] !== undefined && { full_name: user['name'] }),
      ...(user['pictureUrl'] !== undefined && { avatar_url: user['pictureUrl'] }),
    },
  };
}
