import { expect, test } from 'vitest';
import { Server } from '../support/project.ts';
import { torture } from './support/torture.ts';

test('SIGKILL at random moments under load: every accepted call ends, and none runs twice at once, with a second runtime on the same store', async () => {
  const servers: Server[] = [];
  try {
    const report = await torture({
      rounds: 4,
      calls: 400,
      callers: 8,
      second: true,
      start: async (project, flags, environment) => {
        const server = await Server.start(flags, project.directory, environment);
        servers.push(server);
        return {
          url: server.url,
          kill: async () => {
            server.command.kill('SIGKILL');
            await server.command.exited;
          },
          stop: () => server.stop(),
        };
      },
    });
    expect(report).toMatchObject({
      kills: 4,
      lost: [],
      unended: [],
      succeededWithoutRun: [],
      ledger: { twiceAtOnce: [], attemptsRepeated: [] },
    });
    expect(report.accepted).toBeGreaterThanOrEqual(400);
    expect([...report.refused]).toEqual([]);
    expect(report.ledger.done.size).toBeGreaterThan(300);
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
}, 120_000);
