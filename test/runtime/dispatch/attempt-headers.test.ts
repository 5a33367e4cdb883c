import { expect, test } from 'vitest';
import { withHeaders } from '../../../src/runtime/dispatch/attempt-headers.ts';

const encode = (event: unknown) => Buffer.from(JSON.stringify(event));
const decode = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as unknown;

test('the first attempt is the event as it was stored', () => {
  const payload = encode({ headers: { 'x-bgfn-attempt': '1' } });
  expect(withHeaders(payload, {})).toBe(payload);
});

test('a later attempt says its number in both forms of the headers', () => {
  const event = { path: '/x', headers: { host: 'h', 'x-bgfn-attempt': '1' }, multiValueHeaders: { host: ['h'], 'x-bgfn-attempt': ['1'] }, body: 'ä🙂\u0000' };
  expect(decode(withHeaders(encode(event), { 'x-bgfn-attempt': '3' }))).toEqual({
    ...event,
    headers: { host: 'h', 'x-bgfn-attempt': '3' },
    multiValueHeaders: { host: ['h'], 'x-bgfn-attempt': ['3'] },
  });
});

test('a header in other letters is replaced, not doubled', () => {
  expect(decode(withHeaders(encode({ headers: { 'X-Bgfn-Attempt': '1' } }), { 'x-bgfn-attempt': '2' }))).toEqual({ headers: { 'x-bgfn-attempt': '2' } });
});

test('a header named __proto__ stays a header', () => {
  const text = '{"headers":{"__proto__":"x","x-bgfn-attempt":"1"}}';
  expect(Buffer.from(withHeaders(Buffer.from(text), { 'x-bgfn-attempt': '2' })).toString()).toBe('{"headers":{"__proto__":"x","x-bgfn-attempt":"2"}}');
});

test.each(['not json', '[]', 'null', '"text"', '{"headers":null}', '{}', ''])('%j passes unchanged', (text) => {
  const payload = Buffer.from(text);
  expect(withHeaders(payload, { 'x-bgfn-attempt': '2' })).toBe(payload);
});
