import { inspect } from 'node:util';
import { text, type Fields } from './types.ts';

/** The value of a cookie of the request, as it was sent. */
export function cookieOf(headers: Headers, name: string): string | undefined {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** A `set-cookie` value by RFC 6265; throws a TypeError for a name or value that would break out of it. */
export function serializeCookie(cookie: Fields): string {
  const { name, value, expires, maxAge, unparsed } = cookie;
  if (typeof name !== 'string' || !/^[^\s"(),/:;<=>?@[\\\]{}]+$/.test(name) || typeof value !== 'string' || /[^ -~]|[;"\\]/.test(value)) {
    throw new TypeError(`Cookie ${inspect(name)} cannot have the value ${inspect(value)}; use encodeURIComponent().`);
  }
  const host = name.startsWith('__Host');
  const attributes = {
    Domain: host ? undefined : cookie['domain'],
    Path: host ? '/' : cookie['path'],
    'Max-Age': maxAge,
    Expires: expires instanceof Date || typeof expires === 'number' ? new Date(expires).toUTCString() : undefined,
    SameSite: cookie['sameSite'],
  };
  const parts = [`${name}=${value}`];
  for (const [label, attribute] of Object.entries(attributes)) {
    if (attribute != null) parts.push(`${label}=${text(attribute)}`.replaceAll(/[^ -~]|;/g, ''));
  }
  if (cookie['secure'] === true || host || name.startsWith('__Secure')) parts.push('Secure');
  if (cookie['httpOnly'] === true) parts.push('HttpOnly');
  return parts.concat(Array.isArray(unparsed) ? unparsed.map(String) : []).join('; ');
}
