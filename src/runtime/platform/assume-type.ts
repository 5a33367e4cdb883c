/**
 * Gives a value a type without a check. Only for what our own code wrote and guarantees: rows of
 * STRICT tables, messages of our own threads. What users and callers send goes through zod.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the type
export function assumeType<Type>(value: unknown): Type {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reason is above
  return value as Type;
}
