import { spawnSync } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeArtifacts } from '../../runtime/support/artifacts.ts';
import { Command, startCommand } from '../../support/command.ts';

const hasTools = ['systemd-notify', 'python3'].every(
  (tool) => spawnSync(tool, ['--version']).status === 0,
);
/**
 * A stand-in for the listening side of systemd, in another language because Node has no Unix
 * datagram sockets.
 */
const listener =
  'import socket, sys\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\ns.bind(sys.argv[1])\nprint("listening", flush=True)\nwhile True: print(s.recv(4096).decode().replace("\\n", " "), flush=True)\n';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(await realpath(tmpdir()), 'bgfn-systemd-'));
  await writeArtifacts(path.join(cwd, 'artifacts'), [{ name: 'hello' }]);
});
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
});

const serve = (environment: Readonly<Record<string, string>>) =>
  startCommand('bgfn', ['serve', 'artifacts', '--port', '0', '--admin-port', 'off'], {
    cwd,
    environment,
  });

describe('under systemd', () => {
  test.skipIf(!hasTools)('serve notifies that it is ready, alive and stopping', async () => {
    const socket = path.join(cwd, 'notify');
    await using systemd = new Command('python3', ['-c', listener, socket], { cwd });
    await systemd.line(/listening/);
    await using command = serve({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '200000' });
    await systemd.line(/^READY=1 STATUS=serving 1 functions at http:/);
    await systemd.line(/^WATCHDOG=1/);
    command.kill('SIGTERM');
    await systemd.line(/^STOPPING=1/);
    expect(await command.exited).toMatchObject({ code: 0 });
  });

  test('serve keeps running when nobody listens', async () => {
    await using command = serve({ NOTIFY_SOCKET: path.join(cwd, 'nobody'), PATH: '/nowhere' });
    await command.line(/systemd cannot be told/);
    command.kill('SIGTERM');
    expect(await command.exited).toMatchObject({ code: 0 });
  });
});
