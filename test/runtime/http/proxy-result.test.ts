import { describe, expect, test } from 'vitest';
import { parseProxyResult } from '../../../src/runtime/http/proxy-result.ts';

const parse = (value: unknown) => parseProxyResult(Buffer.from(JSON.stringify(value) ?? ''));

describe('a proxy result', () => {
  test('is parsed to the status, every header and the bytes of the body', () => {
    const result = parse({
      statusCode: 201,
      headers: {
        'Content-Type': 'image/png',
        'x-number': 5,
        'x-flag': true,
        'set-cookie': 'dropped for the several ones',
        'x-null': null,
      },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: Buffer.from([0, 255]).toString('base64'),
      isBase64Encoded: true,
    });
    expect(result).toEqual({
      statusCode: 201,
      headers: [
        ['Content-Type', 'image/png'],
        ['x-number', '5'],
        ['x-flag', 'true'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
      body: Buffer.from([0, 255]),
    });
  });

  test('may have null or no value in every field except the status, as Go writes it', () => {
    expect(parse({ statusCode: 204, headers: null, multiValueHeaders: null, body: '' })).toEqual({
      statusCode: 204,
      headers: [],
      body: '',
    });
    expect(parse({ statusCode: 200 }).body).toBe('');
    expect(parse({ statusCode: 200, body: 'ü' }).body).toBe('ü');
    expect(parse({ statusCode: '200' }).statusCode).toBe(200);
  });

  test('does not let a function frame the answer', () => {
    expect(
      parse({
        statusCode: 200,
        headers: {
          'Transfer-Encoding': 'chunked',
          'content-length': '999',
          Connection: 'upgrade',
          'x-a': '1',
        },
      }).headers,
    ).toEqual([['x-a', '1']]);
  });

  test.each([
    [undefined, 'returned nothing'],
    [null, 'returned nothing'],
    ['ok', "returned 'ok'"],
    [[1], 'returned [ 1 ]'],
    [{}, 'numerical statusCode'],
    [{ statusCode: 'abc' }, 'numerical statusCode'],
    [{ statusCode: 101 }, '200 to 599'],
    [{ statusCode: 1e9 }, '200 to 599'],
    [{ statusCode: 200, body: { a: 1 } }, 'JSON.stringify'],
    [{ statusCode: 200, headers: 'x' }, 'headers has to be an object'],
    [{ statusCode: 200, multiValueHeaders: [] }, 'multiValueHeaders has to be an object'],
    [{ statusCode: 200, headers: { 'x y': '1' } }, 'not a header name'],
    [{ statusCode: 200, headers: { '': '1' } }, 'not a header name'],
    [{ statusCode: 200, headers: { x: 'a\r\nset-cookie: b=1' } }, 'does not allow'],
    [{ statusCode: 200, headers: { x: '→' } }, 'encodeURIComponent'],
    [{ statusCode: 200, headers: { x: {} } }, 'has to be a string'],
  ])('of %j is refused, and the message says what to return', (value, message) => {
    expect(() => parse(value)).toThrow(
      expect.objectContaining({
        name: 'InvalidResponse',
        message: expect.stringContaining(message),
      }),
    );
  });

  test('that is not JSON is refused', () => {
    expect(() => parseProxyResult(Buffer.from('{'))).toThrow(/not JSON/);
  });
});
