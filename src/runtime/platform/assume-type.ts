/**
 * Returns a value with another type, without a check. The function is only for values that bgfn
 * itself wrote and guarantees, such as rows of STRICT tables and messages of its own threads. Input
 * of users and callers is checked with zod instead.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the type
export function assumeType<Type>(value: unknown): Type {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reason is above
  return value as Type;
}
