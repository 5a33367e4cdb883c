import type { PlannedFunction } from '../aws/lambda-plan.ts';

/** Name of a function's resources in the module: `HelloBackground` → `hello_background`. */
export function resourceName(fn: PlannedFunction): string {
  return fn.identifier.replaceAll(/(?<=[a-z0-9])([A-Z])/g, '_$1').toLowerCase();
}
