import { eventHandlerNames } from './netlify-events.ts';
import { isFunction, isObject, type Fields, type UnknownFunction } from './types.ts';

/** What a function's module exports. v1 wins when both are there: a default export beside `handler` is not an entry. */
export type UserFunction =
  | { readonly kind: 'v1'; readonly handler: UnknownFunction }
  | { readonly kind: 'v2'; readonly handler: UnknownFunction }
  | { readonly kind: 'v2-object'; readonly handlers: Fields };

/**
 * Finds the entry in a module namespace. A CommonJS module arrives as `default`, and one that was transpiled from ESM as `default.default`.
 * Throws an Error that names the file and says what to export.
 */
export function findFunction(module: Fields, name: string): UserFunction {
  let exported: unknown = module;
  for (let depth = 0; depth < 3 && exported != null; depth += 1) {
    const candidate = exported as Fields;
    if (isFunction(candidate['handler'])) return { kind: 'v1', handler: candidate['handler'] };
    exported = candidate['default'];
    if (isFunction(exported) && !isFunction((exported as unknown as Fields)['handler'])) return { kind: 'v2', handler: exported };
    if (isObject(exported) && ['fetch', ...eventHandlerNames].some((key) => isFunction((exported as Fields)[key]))) return { kind: 'v2-object', handlers: exported };
  }
  const found = Object.keys(module).join(', ') || 'nothing';
  throw new Error(
    `Function "${name}" has no entry: its file exports ${found}. Add "export default async (req, context) => new Response('ok')", or "export const handler = async (event, context) => ({ statusCode: 200 })".`,
  );
}
