import {
  fields,
  isFunction,
  isObject,
  type EventSupport,
  type Fields,
  type UnknownFunction,
} from './types.ts';

/**
 * The entry that the module of a function exports. If a module has both `handler` (v1) and a
 * default export (v2), `handler` is the entry.
 */
export type UserFunction =
  | { readonly v1: UnknownFunction }
  | { readonly v2: UnknownFunction | Fields };

/**
 * Finds the entry in a module namespace. The exports of a CommonJS module are in `default`, and the
 * exports of a CommonJS module that was transpiled from ESM are in `default.default`.
 *
 * @throws {Error} If there is no entry. The message names the function and says what to export.
 */
export function findFunction(
  module: Fields,
  name: string,
  events: EventSupport | undefined,
): UserFunction {
  let exported: unknown = module;
  for (let depth = 0; depth < 3; depth += 1) {
    const { handler, default: inner } = fields(exported);
    if (isFunction(handler)) return { v1: handler };
    const isV1 = isFunction(fields(inner)['handler']);
    if (
      isObject(inner) &&
      !isV1 &&
      (isFunction(inner) || isFunction(inner['fetch']) || events?.handles(inner) === true)
    ) {
      return { v2: inner };
    }
    exported = inner;
  }
  throw new Error(
    `Function "${name}" exports ${Object.keys(module).join(', ') || 'nothing'}. Add "export default async (req, context) => new Response()" or "export const handler = async (event) => ({ statusCode: 200 })" to its file.`,
  );
}
