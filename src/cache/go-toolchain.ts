import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Go's own settings that change what `go build` makes. */
const settings = ['GOFLAGS', 'GOTOOLCHAIN', 'GOEXPERIMENT', 'GOAMD64', 'GOARM64'] as const;

/** What the environment says to `go build`, as text for a cache key. */
export function goSettings(environment: NodeJS.ProcessEnv = process.env): string {
  return settings.map((name) => `${name}=${environment[name] ?? ''}`).join(' ');
}

/** The file that names the version of the `go` on PATH; undefined without one, or where it is a wrapper. */
export function goVersionFile(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const command = (environment['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'go')).find((file) => existsSync(file));
  return command === undefined ? undefined : join(dirname(dirname(realpathSync(command))), 'VERSION');
}
