import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rig, sendRaw } from '../support/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start([
    {
      name: 'echo',
      source:
        'export const handler = async (event) => ({ statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(event) });',
    },
  ]);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

describe('the target of a request', () => {
  test('in absolute form is parsed like any other target', async () => {
    const answer = await sendRaw(
      rig.port,
      'GET http://HERE:80/.netlify/functions/echo?a=1 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n',
    );
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      path: '/.netlify/functions/echo',
      rawUrl: 'http://here/.netlify/functions/echo?a=1',
    });
  });

  test('is made safe for a URL when it has unusual characters', async () => {
    const answer = await sendRaw(
      rig.port,
      'GET /.netlify/functions/echo/a"b?q=<e> HTTP/1.1\r\nHost: here:80\r\nConnection: close\r\n\r\n',
    );
    const event = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as { rawUrl: string };
    expect(event.rawUrl).toBe('http://here:80/.netlify/functions/echo/a%22b?q=%3Ce%3E');
    expect(URL.canParse(event.rawUrl)).toBe(true);
  });

  test('of HTTP/1.0 without Host gets the address on which the runtime listens', async () => {
    const answer = await sendRaw(rig.port, 'GET /.netlify/functions/echo HTTP/1.0\r\n\r\n');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      rawUrl: `${rig.runtime.url}/.netlify/functions/echo`,
    });
  });
});
