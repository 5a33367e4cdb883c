import { randomFillSync } from 'node:crypto';

/** Crockford's base 32, without I, L, O and U; its characters are in ascending order. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeCharacters = 10;
const randomBytes = 16;

/**
 * Creates the generator of invocation ids. An id is a ULID: 26 characters for 48 bits of
 * milliseconds and 80 random bits, so that ids sort by the time of their accept (to the
 * millisecond) and cannot be guessed. Netlify's request ids have the same form.
 */
export function createIdGenerator(): (nowMs: number) => string {
  const pool = Buffer.alloc(randomBytes * 128);
  let offset = pool.length;
  return (nowMs) => {
    if (offset === pool.length) {
      randomFillSync(pool);
      offset = 0;
    }
    let id = encodeTime(nowMs);
    for (let index = 0; index < randomBytes; index += 1) {
      id += alphabet[(pool[offset + index] ?? 0) & 31];
    }
    offset += randomBytes;
    return id;
  };
}

function encodeTime(nowMs: number): string {
  let rest = nowMs;
  let text = '';
  for (let index = 0; index < timeCharacters; index += 1) {
    text = `${alphabet[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
}
