import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { createProject } from '../support/project.ts';

test('an outcome reaches its destination although the runtime was killed before the delivery ended', async () => {
  const requests: { signature: string | undefined; body: Record<string, unknown> }[] = [];
  let held = Promise.withResolvers<void>();
  let answers = false;
  const receiver = createServer(async (request, response) => {
    const body = JSON.parse(await text(request)) as Record<string, unknown>;
    requests.push({ signature: request.headers['x-webhook-signature']?.toString(), body });
    // The first runtime never gets a response to its delivery.
    if (answers) response.end();
    held.resolve();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/done`;
  await using project = await createProject({
    'netlify/functions/report.ts': `export default async (req: Request) => Response.json({ rows: (await req.json()).rows * 2 });
      export const config = { background: true, destinations: { onSuccess: '${url}' } };`,
  });
  await project.build();
  process.env['BGFN_WEBHOOK_SECRET'] = 'shared';
  try {
    let id: string;
    {
      await using first = await project.serve(['--retry-delays', '0']);
      id = await first.call('report', { rows: 21 }, { 'content-type': 'application/json' });
      await held.promise;
      first.command.kill('SIGKILL');
      await first.command.exited;
    }
    held = Promise.withResolvers();
    answers = true;
    await using second = await project.serve(['--retry-delays', '0']);
    await held.promise;
    await second.command.line(/the destination took the outcome/);
    expect(requests.length).toBe(2);
    expect(requests[1]).toEqual(requests[0]);
    expect(requests[1]?.body).toMatchObject({
      id,
      function: 'report',
      state: 'succeeded',
      response: { statusCode: 200, contentType: 'application/json', body: '{"rows":42}' },
    });
    expect(requests[1]?.signature).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  } finally {
    delete process.env['BGFN_WEBHOOK_SECRET'];
    receiver.closeAllConnections();
    receiver.close();
  }
});
