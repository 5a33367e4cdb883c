import type { Clock } from '../../platform/clock.ts';
import type { OutputLimits } from '../output/run-output.ts';
import type { RunnableFunction, WorkerLogLine } from '../worker.ts';
import type { OrphanGuard } from './orphan-guard.ts';

/** What all workers of a pool have in common. */
export interface WorkerSettings {
  readonly clock: Clock;
  readonly guard: OrphanGuard;
  readonly nodeExecutable: string;
  /** In the environment of every process of the pool. */
  readonly mark: string;
  readonly initTimeoutMs: number;
  /** How long a worker that is no longer needed may take to end after SIGTERM. */
  readonly killGraceMs: number;
  readonly limits: OutputLimits;
  /** Called with what a worker prints while it runs nothing. */
  readonly onOutput: (fn: RunnableFunction, line: WorkerLogLine) => void;
}
