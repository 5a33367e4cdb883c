/**
 * Gives a value the type that our own schema or our own thread guarantees (STRICT tables, typed by
 * the caller that wrote them). For rows and answers only: what users and callers send goes through
 * zod.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the type
export function assumeType<Type>(value: unknown): Type {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reason is above
  return value as Type;
}
