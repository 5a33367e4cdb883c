import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Rig } from '../support/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start([
    {
      name: 'echo',
      source: 'export const handler = async (event) => ({ statusCode: 200, body: event.rawUrl });',
    },
    { name: 'work-background', maxPayloadBytes: 64 },
  ]);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

/** Mulberry32: its numbers are the same in every run, so that a failure can be repeated. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const seeds: readonly string[] = [
  'GET /.netlify/functions/echo?a=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'POST /.netlify/functions/work-background HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
  'POST /.netlify/functions/work-background HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
];
const spice: readonly string[] = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  '\0',
  '\xff',
  ':',
  '/',
  '..',
  '%2e',
  '%00',
  '%',
  '?',
  '#',
  '{',
  '"',
  '\\',
  'Content-Length: 99\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Host: b\r\n',
  'Expect: 100-continue\r\n',
  'Upgrade: x\r\nConnection: upgrade\r\n',
  '0\r\n\r\n',
  '__proto__',
  'x'.repeat(300),
];

function mutate(random: (below: number) => number): string {
  let text = seeds[random(seeds.length)] ?? '';
  for (let times = 1 + random(4); times > 0; times -= 1) {
    const at = random(text.length + 1);
    const cut = random(3) === 0 ? random(8) : 0;
    text =
      text.slice(0, at) +
      (random(4) === 0 ? String.fromCharCode(random(256)) : (spice[random(spice.length)] ?? '')) +
      text.slice(at + cut);
  }
  return text;
}

/** Sends the bytes, ends its side, and returns the bytes that arrive until the other side closes. */
function exchange(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(rig.port, '127.0.0.1', () => socket.end(text, 'latin1'));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

test('for any bytes every answer is HTTP, no bug is reported, and the runtime goes on', async () => {
  const random = randomNumbers(20_261_123);
  for (let round = 0; round < 40; round += 1) {
    const requests = Array.from({ length: 20 }, () => mutate(random));
    const answers = await Promise.all(requests.map(exchange));
    for (const [index, answer] of answers.entries()) {
      expect(
        answer === '' || /^HTTP\/1\.1 (?:100|2\d\d|4\d\d|50[1-3]) /.test(answer),
        `${JSON.stringify(requests[index])} got ${JSON.stringify(answer.slice(0, 200))}`,
      ).toBe(true);
    }
  }
  expect(rig.lines.filter(({ text }) => text.includes('Bug in the runtime'))).toEqual([]);
  expect(await (await rig.call('/.netlify/functions/echo')).text()).toBe(
    `${rig.runtime.url}/.netlify/functions/echo`,
  );
});
