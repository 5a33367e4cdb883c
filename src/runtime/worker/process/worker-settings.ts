import type { Clock } from '../../platform/clock.ts';
import type { OutputLimits } from '../output/run-output.ts';
import type { RunnableFunction, WorkerLogLine } from '../worker.ts';
import type { OrphanGuard } from './orphan-guard.ts';

/** The settings that all workers of a pool share. */
export interface WorkerSettings {
  readonly clock: Clock;
  readonly guard: OrphanGuard;
  readonly nodeExecutable: string;
  /** A text in the environment of every process of the pool, by which the guard finds them. */
  readonly mark: string;
  readonly initTimeoutMs: number;
  /** How long a worker that should end may take, for instance after SIGTERM, before it is killed. */
  readonly killGraceMs: number;
  readonly limits: OutputLimits;
  /** Called with each line that a worker prints while it runs nothing. */
  readonly onOutput: (fn: RunnableFunction, line: WorkerLogLine) => void;
}
