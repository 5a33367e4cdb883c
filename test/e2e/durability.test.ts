import { appendFile, readFile } from 'node:fs/promises';
import { beforeAll, afterAll, describe, expect, test } from 'vitest';
import { createProject, type Project, Server } from '../support/project.ts';

/** A function that prints its start, and ends once the file `gate` exists. */
const gated = `
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

export default async (req) => {
  const { gate, journal } = await req.json();
  const attempt = req.headers.get('x-bgfn-attempt');
  appendFileSync(journal, 'started ' + attempt + '\\n');
  console.log('waiting at the gate, attempt ' + attempt);
  while (!existsSync(gate)) await setTimeout(20);
  appendFileSync(journal, 'finished ' + attempt + '\\n');
  console.log('through the gate, attempt ' + attempt);
};
`;

const flaky = `
export default async (req) => {
  const attempt = Number(req.headers.get('x-bgfn-attempt'));
  const { failures } = await req.json();
  console.log('attempt ' + attempt + ' of ' + req.headers.get('x-nf-request-id'));
  if (attempt <= failures) throw new TypeError('no luck on attempt ' + attempt);
  console.log('it worked on attempt ' + attempt);
};
`;

const exits = `
export default async (req) => {
  console.log('leaving on attempt ' + req.headers.get('x-bgfn-attempt'));
  process.exit(3);
};
`;

let built: Project;

beforeAll(async () => {
  built = await createProject({
    'netlify/functions/gated-background.mjs': gated,
    'netlify/functions/flaky-background.mjs': flaky,
    'netlify/functions/exits-background.mjs': exits,
    'netlify/functions/hello-background.mjs': `export default async () => console.log('hello');`,
  });
  await built.build();
});

afterAll(async () => {
  await built[Symbol.asyncDispose]();
});

/** Starts a server on the shared artifacts, with a store of its own. */
function serve(state: Project, args: readonly string[] = []): Promise<Server> {
  return Server.start(
    [built.path('.netlify/functions'), '--store', state.path('queue.db'), ...args],
    state.directory,
  );
}

describe('retries', () => {
  test('a function that fails twice is run again after each delay and then succeeds, with one request id', async () => {
    await using state = await createProject();
    await using server = await serve(state, ['--retry-delays', '0.5,1']);
    const id = await server.call('flaky-background', { failures: 2 });
    const time = async (line: RegExp): Promise<number> =>
      timeOfDayMs((await server.command.line(line)).input);
    // The beginnings of two attempts are compared, because a busy machine may log a failure late.
    const begun = [
      await time(new RegExp(`attempt 1 of ${id}`)),
      await time(new RegExp(`attempt 2 of ${id}`)),
      await time(new RegExp(`attempt 3 of ${id}`)),
    ] as const;
    await server.command.line(/it worked on attempt 3/);
    expect(sinceMs(begun[0], begun[1])).toBeGreaterThan(450);
    expect(sinceMs(begun[1], begun[2])).toBeGreaterThan(950);
    expect(server.command.output).toContain('no luck on attempt 1');
  });

  test('after the third failure the invocation has failed', async () => {
    await using state = await createProject();
    await using server = await serve(state, ['--retry-delays', '0.05,0.05']);
    await server.call('flaky-background', { failures: 9 });
    await server.command.line(/no luck on attempt 3/);
    await expect(server.stop()).resolves.toBe(0);
    expect(server.command.output).not.toContain('attempt 4');
  });

  test('a function that ends its own process fails an attempt, and everything else keeps working', async () => {
    await using state = await createProject();
    await using server = await serve(state, ['--retry-delays', '0.05,0.05']);
    await server.call('exits-background');
    await server.command.line(/leaving on attempt 3/);
    await server.call('hello-background');
    await expect(server.command.line(/hello-background.*hello$/)).resolves.toBeTruthy();
  });
});

describe('the runtime killed during a run', () => {
  test('SIGKILL loses nothing: running and queued invocations run after the restart', async () => {
    await using state = await createProject();
    const call = { gate: state.path('gate'), journal: state.path('journal') };
    await using first = await serve(state, ['--concurrency', '1']);
    await first.call('gated-background', call);
    await first.command.line(/waiting at the gate, attempt 1/);
    await first.call('hello-background');
    first.command.kill('SIGKILL');
    await first.command.exited;

    await state.write({ gate: 'open' });
    await using second = await serve(state, ['--retry-delays', '0.1,0.1']);
    await second.command.line(/hello-background.*hello$/);
    await second.command.line(/through the gate, attempt 2/);
    await expect(second.stop()).resolves.toBe(0);
    await expect(readFile(call.journal, 'utf8')).resolves.toContain('finished 2');
  }, 60_000);
});

describe('a second runtime on the same store', () => {
  test('takes queued invocations, and not those that the first runtime runs', async () => {
    await using state = await createProject();
    const call = { gate: state.path('gate'), journal: state.path('journal') };
    // One slot: while the first runtime is busy, only the second can claim new calls.
    await using first = await serve(state, ['--concurrency', '1', '--retry-delays', '0.05,0.05']);
    await first.call('gated-background', call);
    await first.command.line(/waiting at the gate, attempt 1/);

    await using second = await serve(state, ['--retry-delays', '0.05,0.05']);
    await first.call('hello-background');
    await second.command.line(/hello-background.*hello$/);
    await state.write({ gate: 'open' });
    await first.command.line(/through the gate, attempt 1/);
    await expect(first.stop()).resolves.toBe(0);
    await expect(second.stop()).resolves.toBe(0);
    await expect(readFile(call.journal, 'utf8')).resolves.toBe('started 1\nfinished 1\n');
  }, 60_000);
});

describe('SIGTERM', () => {
  test('running invocations may end, then the runtime exits 0', async () => {
    await using state = await createProject();
    const call = { gate: state.path('gate'), journal: state.path('journal') };
    await using server = await serve(state);
    await server.call('gated-background', call);
    await server.command.line(/waiting at the gate, attempt 1/);
    server.command.kill('SIGTERM');
    await server.command.line(/drain|waiting for|shutting down|stopping/i);
    await state.write({ gate: 'open' });
    await expect(server.command.exited).resolves.toEqual({ code: 0, signal: null });
    await expect(readFile(call.journal, 'utf8')).resolves.toBe('started 1\nfinished 1\n');
  });

  test('an idle runtime exits 0 at once', async () => {
    await using state = await createProject();
    await using server = await serve(state);
    await expect(server.stop()).resolves.toBe(0);
  });
});

describe('refusals', () => {
  test('a body over 256 KiB is answered 413, and one of exactly 256 KiB is accepted', async () => {
    await using state = await createProject();
    await using server = await serve(state);
    const post = (bytes: number): Promise<Response> =>
      fetch(server.endpoint('hello-background'), { method: 'POST', body: 'x'.repeat(bytes) });
    const [tooLarge, fits] = await Promise.all([post(262_145), post(262_144)]);
    expect(tooLarge.status).toBe(413);
    expect(fits.status).toBe(202);
  });

  test('a call of an unknown function is answered 404', async () => {
    await using state = await createProject();
    await using server = await serve(state);
    const response = await fetch(server.endpoint('nobody'), { method: 'POST' });
    expect(response.status).toBe(404);
  });

  test('a tampered artifact is named, and the runtime does not start on it', async () => {
    await using site = await createProject({
      'netlify/functions/hello-background.mjs': `export default async () => {};`,
    });
    await site.build();

    await appendFile(site.path('.netlify/functions/hello-background.zip'), 'x');
    await expect(site.serve()).rejects.toThrow(/hello-background/);
  });
});

/**
 * The time at the start of a log line, as milliseconds of its day. The runtime wrote this time, so
 * a slow reader does not change it.
 */
function timeOfDayMs(line: string): number {
  const [, hours, minutes, seconds] = /^(\d\d):(\d\d):(\d\d\.\d{3}) /.exec(line) ?? [];
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}

const dayMs = 86_400_000;

function sinceMs(earlier: number, later: number): number {
  return (later - earlier + dayMs) % dayMs;
}
