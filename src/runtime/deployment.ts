import path from 'node:path';
import { readManifest } from '../manifest/read.ts';
import { siteHeaders, type SiteHeaders } from './calls/event.ts';
import { deliveryFunction } from './dispatch/destination.ts';
import type { DispatchableFunction } from './dispatch/run-attempt.ts';
import { createRouter, type Router } from './http/routing/router.ts';
import { type FunctionEnvironment, environmentOf } from './load/environment.ts';
import { loadFunctions, type LoadedFunction } from './load/load-functions.ts';
import type { Site } from './load/site.ts';

/** What is deployed at one moment; a reload replaces it whole, so that no request sees half of two. */
export interface Deployment {
  readonly router: Router;
  readonly functions: ReadonlyMap<string, LoadedFunction>;
  /** What the dispatcher runs: the functions, and the delivery of what became of them. */
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
 * Reads, verifies, extracts and compiles. @throws BgfnError of the manifest, of an artifact.
 *
 * @param told Functions whose outcomes are delivered, whether or not they are in the manifest: what
 *   is due to a destination does not need its function.
 */
export async function deploy(
  options: DeployOptions,
  told: readonly string[] = [],
): Promise<Deployment> {
  const artifactsDirectory = path.resolve(options.artifactsDirectory);
  const manifest = await readManifest(artifactsDirectory);
  const functions = await loadFunctions(manifest, {
    artifactsDirectory,
    extractDirectory: path.resolve(options.extractDirectory),
    environment: (fn) => environmentOf(fn, options.environment),
  });
  const calls = functions.map((fn): DispatchableFunction => ({ ...fn, kind: 'call' }));
  const deliveries = [...functions.map(({ name }) => name), ...told].map(deliveryFunction);
  return {
    router: createRouter(manifest.functions),
    functions: new Map(functions.map((fn) => [fn.name, fn])),
    dispatchable: new Map([...calls, ...deliveries].map((fn) => [fn.name, fn])),
    siteHeaders: siteHeaders(options.site),
  };
}

/** A function as people see it. */
export interface DeployedFunction {
  readonly name: string;
  readonly mode: 'background' | 'sync';
  readonly runtime: 'js' | 'go';
  /** Full addresses. */
  readonly urls: readonly string[];
  readonly methods: readonly string[];
  readonly schedule: string | undefined;
  readonly timeoutSeconds: number;
}

/** The function as people see it; `url` is where the runtime listens. */
export function describeFunction(
  { name, mode, manifest }: LoadedFunction,
  url: string,
): DeployedFunction {
  const routes = manifest.routes ?? [];
  const paths = routes.length > 0 ? routes.map((route) => route.pattern) : [manifest.endpoint];
  return {
    name,
    mode,
    runtime: manifest.runtime,
    urls: paths.map((one) => `${url}${one}`),
    methods: [
      ...new Set([...(manifest.methods ?? []), ...routes.flatMap((route) => route.methods)]),
    ],
    schedule: manifest.schedule,
    timeoutSeconds: manifest.timeout,
  };
}
