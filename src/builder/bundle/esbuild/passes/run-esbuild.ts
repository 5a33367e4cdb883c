import type { FunctionSpec } from '../../../discover/function-spec.ts';
import type { BundleOptions } from '../../contract/bundle-options.ts';
import { runBatch } from './esbuild-pass.ts';
import type { FailedPass, FinishedPass, PassPlan } from './pass-plan.ts';
import { PassQueue } from './pass-queue.ts';

/** The queue belongs to the process, because esbuild's process does. */
const queue = new PassQueue(runBatch);

/** Runs esbuild for one function, in one call with other functions where they share code. */
export function runEsbuild(
  spec: FunctionSpec,
  options: BundleOptions,
  plan: PassPlan,
): Promise<FinishedPass | FailedPass> {
  return queue.pass({ spec, options, plan });
}
