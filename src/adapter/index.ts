// Imported first, because it sets the Netlify global before the function's module is evaluated.
import './globals.ts';
import { makeHandler } from './make-handler.ts';
import { netlifyEvents } from './netlify-events.ts';
import type { AdapterOptions, LambdaHandler } from './types.ts';

export type { AdapterOptions, LambdaContext, LambdaHandler } from './types.ts';

/** Creates the handler with support for Netlify's events. See `makeHandler`. */
export function createHandler(
  module: Record<string, unknown>,
  options: AdapterOptions,
): LambdaHandler {
  return makeHandler(module, options, netlifyEvents);
}
