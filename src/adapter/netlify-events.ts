import {
  defined,
  fields,
  isFunction,
  isObject,
  type EventSupport,
  type Fields,
  type UnknownFunction,
} from './types.ts';

/** Maps the slug in `x-netlify-event` to the name of the handler in a default-export object. */
const handlerNames: Readonly<Record<string, string>> = {
  deploy_building: 'deployBuilding',
  deploy_succeeded: 'deploySucceeded',
  deploy_failed: 'deployFailed',
  deploy_deleted: 'deployDeleted',
  deploy_locked: 'deployLocked',
  deploy_unlocked: 'deployUnlocked',
  submission_created: 'formSubmitted',
  identity_login: 'userLogin',
  identity_signup: 'userSignup',
  identity_validate: 'userValidate',
  identity_usermodified: 'userModified',
  identity_userdeleted: 'userDeleted',
};

export const netlifyEvents: EventSupport = {
  handles: (exported) => Object.values(handlerNames).some((name) => isFunction(exported[name])),
  find: (exported, slug) => {
    const handler = exported[handlerNames[slug] ?? ''];
    return isFunction(handler) ? handler.bind(exported) : undefined;
  },
  run,
};

/**
 * Runs an event handler on the request's JSON and responds as Netlify does: with 200, with 400 if
 * the payload does not fit the event, and with 401 after `deny()`.
 */
async function run(slug: string, request: Request, handler: UnknownFunction): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  let status = 200;
  const deny = (): void => {
    status = 401;
  };
  const input = isObject(body) && inputOf(body, slug, deny);
  if (!input) {
    const error = `Invalid event payload for "${slug}"`;
    console.error(error);
    return Response.json({ error }, { status: 400 });
  }
  const result = await handler(input);
  if (!('user' in input) || slug === 'identity_userdeleted') return new Response();
  const { user } = fields(result);
  return status === 200 && isObject(user)
    ? Response.json(rawUserOf(user))
    : new Response(null, { status });
}

/**
 * Returns the argument of the handler, in camel case, or undefined if the payload does not fit the
 * event.
 */
function inputOf(
  { payload, site, user }: Fields,
  slug: string,
  deny: () => void,
): Fields | undefined {
  if (slug.startsWith('identity')) return isObject(user) ? { user: userOf(user), deny } : undefined;
  if (!isObject(payload)) return undefined;
  const {
    data,
    deploy_ssl_url: permalinkUrl,
    deploy_time: time = null,
    manual_deploy: manual,
  } = payload;
  if (slug.startsWith('sub')) return isObject(data) ? { data } : undefined;
  return isObject(site)
    ? {
        deploy: { ...camel(payload), permalinkUrl, time, manual: manual === true },
        site: camel(site),
      }
    : undefined;
}

/**
 * Renames all fields to camel case. The fields are not listed because payloads have more fields
 * than Netlify documents.
 */
function camel(raw: Fields): Fields {
  return renamed(raw, /_./g, (pair) => pair.charAt(1).toUpperCase());
}

function renamed(record: Fields, pattern: RegExp, replace: (match: string) => string): Fields {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name.replaceAll(pattern, replace), value]),
  );
}

function userOf(raw: Fields): Fields {
  const {
    newEmail: pendingEmail,
    appMetadata = {},
    userMetadata = {},
    ...user
  } = defined(camel(raw));
  const { provider, roles } = fields(appMetadata);
  const { full_name: fullName, name, avatar_url: pictureUrl } = fields(userMetadata);
  return {
    ...user,
    pendingEmail,
    provider,
    roles,
    name: fullName || name,
    pictureUrl,
    appMetadata,
    userMetadata,
  };
}

/** Returns the user that an identity handler returned, in the snake case that Identity reads. */
function rawUserOf(user: Fields): Fields {
  const { pendingEmail, provider, roles, name, pictureUrl, appMetadata, userMetadata, ...rest } =
    user;
  return {
    ...renamed(rest, /[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    new_email: pendingEmail ?? null,
    app_metadata: { ...fields(appMetadata), ...defined({ provider, roles }) },
    user_metadata: {
      ...fields(userMetadata),
      ...defined({ full_name: name, avatar_url: pictureUrl }),
    },
  };
}
