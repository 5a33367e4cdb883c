import path from 'node:path';
import { messageOf } from '../diagnostic/system-error.ts';
import type { LogStore, NewLogLine } from './logs/log-store.ts';
import { openLogStore } from './logs/sqlite-log-store.ts';
import { createLogSink, type LogSink } from './observe/log-sink.ts';
import type { RuntimeOptions } from './options.ts';
import { systemClock, type Clock } from './platform/clock.ts';
import { openSqliteStore } from './queue/sqlite/open-sqlite-store.ts';
import type { Store } from './queue/store.ts';
import { defaultStoreFile, extractDirectoryBeside, logFileBeside } from './state-files.ts';
import { loadOpenTelemetry } from './tracing/open-telemetry.ts';
import { passThrough, type Tracing } from './tracing/tracing.ts';
import type { UndoSteps } from './undo-steps.ts';
import { createWorkerPool } from './worker/pool/pool.ts';
import type { WorkerPool } from './worker/worker.ts';

/** What a runtime uses of the outside world: time, files, child processes, telemetry. */
export interface Resources {
  readonly clock: Clock;
  readonly store: Store;
  readonly logStore: LogStore;
  readonly logs: LogSink;
  /** Calls `listener` at every log line, until the returned function is called. */
  readonly onLogLine: (listener: () => void) => () => void;
  readonly pool: WorkerPool;
  readonly tracing: Tracing;
  readonly extractDirectory: string;
}

/** @throws {BgfnError} When the queue's or the logs' file cannot be opened. */
export async function openResources(options: RuntimeOptions, undo: UndoSteps): Promise<Resources> {
  const { clock = systemClock, onLog } = options;
  const storeFile = path.resolve(options.storeFile ?? defaultStoreFile);
  const store = await openSqliteStore({ file: storeFile });
  undo.add(() => store.close());
  const logStore = openLogStore({
    file: logFileBeside(storeFile),
    onProblem: (error) => onLog?.(unkeptLinesNote(error, clock)),
  });
  undo.add(() => logStore.close());
  const listeners = new Set<() => void>();
  const write = (line: NewLogLine): void => {
    logStore.append([line]);
    onLog?.(line);
    for (const listener of listeners) listener();
  };
  const logs = createLogSink(write, () => clock.nowMs());
  const pool = createWorkerPool({
    clock,
    onOutput: (fn, line) => logs.betweenRuns(fn, line),
    onWarning: (text) => logs.platform({ level: 'warn', text }),
  });
  undo.add(() => pool.close());
  return {
    clock,
    store,
    logStore,
    logs,
    onLogLine(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pool,
    tracing: (await loadOpenTelemetry(process.cwd())) ?? passThrough,
    extractDirectory: extractDirectoryBeside(storeFile),
  };
}

/** The note that log lines cannot be kept. Only `onLog` gets it, because the log store has failed. */
function unkeptLinesNote(error: unknown, clock: Clock): NewLogLine {
  return {
    atMs: clock.nowMs(),
    functionName: 'bgfn',
    stream: 'platform',
    level: 'warn',
    text: `Log lines cannot be kept: ${messageOf(error)}`,
  };
}
