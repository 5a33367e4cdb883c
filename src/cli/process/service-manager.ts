import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Timeout of one notification. systemd answers at once or not at all. */
const answerMs = 5_000;

/**
 * Notifies a service manager (sd_notify(3)) that the service is ready, is stopping, and, with a
 * watchdog, is alive.
 */
export interface ServiceManager {
  ready(status: string): Promise<void>;
  stopping(): Promise<void>;
}

export interface ServiceManagerOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Called once when the manager cannot be reached; the service keeps running. */
  readonly onProblem: (message: string) => void;
}

/**
 * The service manager that started this process: systemd when `NOTIFY_SOCKET` is set (a unit with
 * `Type=notify`), otherwise a stub that ignores every notification. Node has no Unix datagram
 * sockets, so the program `systemd-notify` sends the messages, and the unit needs
 * `NotifyAccess=all`. With `WatchdogSec`, a heartbeat is sent twice in that interval as long as the
 * event loop turns.
 */
export function serviceManager({ environment, onProblem }: ServiceManagerOptions): ServiceManager {
  const socket = environment['NOTIFY_SOCKET'];
  let problemTold = false;
  const notify = async (...states: readonly string[]): Promise<void> => {
    if (socket === undefined || socket === '') return;
    try {
      await run('systemd-notify', [...states], {
        env: { NOTIFY_SOCKET: socket, PATH: environment['PATH'] },
        timeout: answerMs,
      });
    } catch (error) {
      if (!problemTold) {
        onProblem(
          `systemd cannot be told about this service: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      problemTold = true;
    }
  };
  return {
    async ready(status) {
      await notify('READY=1', `STATUS=${status}`);
      const beatMs = watchdogMs(environment) / 2;
      if (beatMs > 0) setInterval(() => void notify('WATCHDOG=1'), beatMs).unref();
    },
    stopping: () => notify('STOPPING=1'),
  };
}

/** Interval of the watchdog; 0 when this process has no watchdog. */
function watchdogMs(environment: NodeJS.ProcessEnv): number {
  const pid = environment['WATCHDOG_PID'];
  if (pid !== undefined && pid !== String(process.pid)) return 0;
  const microseconds = Number(environment['WATCHDOG_USEC'] ?? 0);
  return Number.isFinite(microseconds) ? microseconds / 1000 : 0;
}
