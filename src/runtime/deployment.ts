import path from 'node:path';
import { readManifest } from '../manifest/read.ts';
import { siteHeaders, type SiteHeaders } from './calls/event.ts';
import { deliveryFunction } from './dispatch/destination.ts';
import type { DispatchableFunction } from './dispatch/run-attempt.ts';
import { createRouter, type Router } from './http/routing/router.ts';
import { type FunctionEnvironment, environmentOf } from './load/environment.ts';
import { loadFunctions, type LoadedFunction } from './load/load-functions.ts';
import type { Site } from './load/site.ts';

/**
 * Everything that is deployed at one moment. A reload replaces the whole object, so no request is
 * served by parts of two deployments.
 */
export interface Deployment {
  readonly router: Router;
  readonly functions: ReadonlyMap<string, LoadedFunction>;
  /** Everything that the dispatcher runs: the functions, and the deliveries of their outcomes. */
  readonly dispatchable: ReadonlyMap<string, DispatchableFunction>;
  readonly siteHeaders: SiteHeaders;
}

export interface DeployOptions {
  readonly artifactsDirectory: string;
  readonly extractDirectory: string;
  readonly environment: FunctionEnvironment;
  readonly site: Site;
}

/**
 * Reads the manifest, verifies and extracts the artifacts, compiles the routes.
 *
 * @param deliveringFor Functions that are not in the manifest, but whose outcomes may be waiting
 *   for delivery: a delivery does not need its function.
 * @throws {BgfnError} For a manifest or an artifact that cannot be used.
 */
export async function deploy(
  options: DeployOptions,
  deliveringFor: readonly string[] = [],
): Promise<Deployment> {
  const artifactsDirectory = path.resolve(options.artifactsDirectory);
  const manifest = await readManifest(artifactsDirectory);
  const functions = await loadFunctions(manifest, {
    artifactsDirectory,
    extractDirectory: path.resolve(options.extractDirectory),
    environment: (fn) => environmentOf(fn, options.environment),
  });
  const names = functions.map(({ name }) => name);
  const calls = functions.map((fn): DispatchableFunction => ({ ...fn, kind: 'call' }));
  const deliveries = [...names, ...deliveringFor].map(deliveryFunction);
  return {
    router: createRouter(manifest.functions),
    functions: new Map(functions.map((fn) => [fn.name, fn])),
    dispatchable: new Map([...calls, ...deliveries].map((fn) => [fn.name, fn])),
    siteHeaders: siteHeaders(options.site),
  };
}
