import type { LoadedFunction } from './load/load-functions.ts';

/** The description of a function for people. */
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

/** Describes a function for people; `url` is where the runtime listens. */
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
    urls: paths.map((pathname) => `${url}${pathname}`),
    methods: [
      ...new Set([...(manifest.methods ?? []), ...routes.flatMap((route) => route.methods)]),
    ],
    schedule: manifest.schedule,
    timeoutSeconds: manifest.timeout,
  };
}
