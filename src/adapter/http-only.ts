// Imported first, because it sets the Netlify global before the function's module is evaluated.
import './globals.ts';
import { makeHandler } from './make-handler.ts';
import type { AdapterOptions, LambdaHandler } from './types.ts';

/**
 * Creates the handler without support for Netlify's events. This adapter is for code that names
 * none of Netlify's event handlers, and is a fifth smaller than the whole adapter. See
 * `makeHandler`.
 */
export function createHandler(
  module: Record<string, unknown>,
  options: AdapterOptions,
): LambdaHandler {
  return makeHandler(module, options);
}
