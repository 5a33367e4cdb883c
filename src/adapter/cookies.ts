import { show } from './errors.ts';
import { text, type Fields } from './types.ts';

/** Returns the value of a cookie of a request, as it was sent. */
export function cookieOf(headers: Headers, name: string): string | undefined {
  const pairs = (headers.get('cookie') ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/**
 * Returns a `set-cookie` value by RFC 6265.
 *
 * @throws {TypeError} For a name or value that would end the cookie early
 */
export function serializeCookie({
  name,
  value,
  domain,
  path,
  maxAge,
  expires,
  sameSite,
  secure,
  httpOnly,
  unparsed,
}: Fields): string {
  const pair = `${text(name)}=${text(value)}`;
  if (typeof value !== 'string' || !/^[^\s"(),/:;<=>?@[\\\]{}]+=[!#-+\--:<-[\]-~]*$/.test(pair)) {
    throw new TypeError(`Invalid cookie ${show(name)}: ${show(value)}. Use encodeURIComponent().`);
  }
  const host = text(name).startsWith('__Host');
  const attributes = {
    Domain: host ? undefined : domain,
    Path: host ? '/' : path,
    'Max-Age': maxAge,
    Expires:
      expires instanceof Date || typeof expires === 'number'
        ? new Date(expires).toUTCString()
        : undefined,
    SameSite: sameSite,
    Secure: secure || text(name).startsWith('__Sec') || host,
    HttpOnly: httpOnly,
  };
  const parts = Object.entries(attributes).flatMap(([label, set]) =>
    set === true
      ? label
      : text(set) && set !== false
        ? `${label}=${text(set).replaceAll(/[^ -~]|;/g, '')}`
        : [],
  );
  return [pair, ...parts, ...[unparsed ?? []].flat().map(text)].join('; ');
}
