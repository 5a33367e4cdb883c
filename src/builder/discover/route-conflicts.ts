import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { FunctionSpec } from './function-spec.ts';

/** A function that answers the requests to a path. */
interface Claim {
  readonly spec: FunctionSpec;
  /** The methods of the requests; empty for any method. */
  readonly methods: readonly string[];
}

/**
 * Warns about two functions with the same path for the same method: the author of the site cannot
 * predict which of the functions answers.
 */
export function findRouteConflicts(specs: readonly FunctionSpec[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const claims = new Map<string, Claim[]>();
  for (const spec of specs) {
    for (const { pattern, literal, expression, methods } of spec.routes) {
      // Patterns that differ only in the names of their parameters have the same expression.
      const key = literal?.replace(/(?<=.)\/$/, '') ?? expression ?? pattern;
      const claim = { spec, methods };
      const earlier = claims.get(key) ?? [];
      const rival = earlier.find((other) => isConflict(other, claim));
      claims.set(key, [...earlier, claim]);
      if (rival !== undefined) diagnostics.push(conflictOf(rival.spec, spec, pattern));
    }
  }
  return diagnostics;
}

function isConflict(a: Claim, b: Claim): boolean {
  if (a.spec === b.spec) return false;
  return (
    a.methods.length === 0 ||
    b.methods.length === 0 ||
    b.methods.some((method) => a.methods.includes(method))
  );
}

function conflictOf(rival: FunctionSpec, spec: FunctionSpec, pattern: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'ROUTE_CONFLICT',
    message: `The functions "${rival.name}" and "${spec.name}" both have the path "${pattern}".`,
    hint: 'Give one of them another `path` or `method`.',
    location: { file: spec.entry.mainFile, line: 1, column: 1 },
    functionName: spec.name,
  };
}
