import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { FunctionSpec } from './function-spec.ts';

/**
 * Warns where two functions claim the same path for the same method: which of them answers would be
 * chance to their author.
 */
export function findRouteConflicts(specs: readonly FunctionSpec[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const claimed = new Map<string, { spec: FunctionSpec; methods: readonly string[] }[]>();
  for (const spec of specs) {
    for (const { pattern, literal, expression, methods } of spec.routes) {
      // Two patterns that name their parameters differently have one expression.
      const key = literal?.replace(/(?<=.)\/$/, '') ?? expression ?? pattern;
      const others = claimed.get(key) ?? [];
      const rival = others.find(
        (other) =>
          other.spec !== spec &&
          (methods.length === 0 ||
            other.methods.length === 0 ||
            methods.some((method) => other.methods.includes(method))),
      );
      claimed.set(key, [...others, { spec, methods }]);
      if (rival === undefined) continue;
      diagnostics.push({
        severity: 'warning',
        code: 'ROUTE_CONFLICT',
        message: `The functions "${rival.spec.name}" and "${spec.name}" both have the path "${pattern}".`,
        hint: 'Give one of them another `path` or `method`.',
        location: { file: spec.entry.mainFile, line: 1, column: 1 },
        functionName: spec.name,
      });
    }
  }
  return diagnostics;
}
