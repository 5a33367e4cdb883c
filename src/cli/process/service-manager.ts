import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Systemd answers at once or not at all. */
const answerMs = 5_000;

/**
 * What a service manager wants to hear (sd_notify(3)): since when we work, that we end, and that we
 * are alive.
 */
export interface ServiceManager {
  ready(status: string): Promise<void>;
  stopping(): Promise<void>;
}

export interface ServiceManagerOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Told once when the manager cannot be reached; that stops nothing. */
  readonly onProblem: (message: string) => void;
}

/**
 * Systemd, when it started us as `Type=notify` (`NOTIFY_SOCKET`); otherwise nobody. Node has no
 * datagram sockets of the Unix kind, so its own `systemd-notify` speaks for us: the unit needs
 * `NotifyAccess=all`. With `WatchdogSec` a beat is sent twice in that time for as long as the event
 * loop turns.
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

/** 0: no watchdog, or not for this process. */
function watchdogMs(environment: NodeJS.ProcessEnv): number {
  const pid = environment['WATCHDOG_PID'];
  if (pid !== undefined && pid !== String(process.pid)) return 0;
  const microseconds = Number(environment['WATCHDOG_USEC'] ?? 0);
  return Number.isFinite(microseconds) ? microseconds / 1000 : 0;
}
