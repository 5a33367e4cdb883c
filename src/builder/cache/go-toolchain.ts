import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * Go's settings that change the result of `go build` (`go help environment`), except the settings
 * of the target: the cache's key contains the target itself.
 */
const settings = [
  'GOFLAGS',
  'GOTOOLCHAIN',
  'GOEXPERIMENT',
  'GOAMD64',
  'GOARM64',
  'GOWORK',
  'GO111MODULE',
] as const;

/**
 * The version of the `go` on PATH and its settings, from the environment and from `go env -w`, as
 * text for a cache key. Go itself is not run: a run of Go takes longer than all other checks of an
 * unchanged function together.
 */
export function goSettings(environment: NodeJS.ProcessEnv = process.env): string {
  const version = goVersionFile(environment);
  return [
    version === undefined ? '' : textOf(version),
    ...settings.map((name) => `${name}=${environment[name] ?? ''}`),
    textOf(writtenSettings(environment)),
  ].join('\n');
}

/** The file that contains the version of the `go` on PATH; undefined when PATH has no `go`. */
export function goVersionFile(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  for (const directory of (environment['PATH'] ?? '').split(path.delimiter)) {
    try {
      return path.join(
        path.dirname(path.dirname(realpathSync(path.join(directory, 'go')))),
        'VERSION',
      );
    } catch {
      // This directory has no `go`.
    }
  }
  return undefined;
}

/** The file that `go env -w` writes. */
function writtenSettings({ GOENV, XDG_CONFIG_HOME, HOME }: NodeJS.ProcessEnv): string {
  const standard = process.platform === 'darwin' ? 'Library/Application Support' : '.config';
  return GOENV ?? path.join(XDG_CONFIG_HOME ?? path.join(HOME ?? '', standard), 'go', 'env');
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
