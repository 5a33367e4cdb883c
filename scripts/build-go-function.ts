/**
 * Builds fixtures/go-hello into the sample site as the prebuilt Go function `report-background`, as
 * Netlify's documentation describes. On a machine without Go, the site is built without this
 * function, and the script prints that.
 *
 * `node scripts/build-go-function.ts [output file]`
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = path.resolve(import.meta.dirname, '..');
const source = path.join(repository, 'fixtures', 'go-hello');
const siteBinary = path.join(
  repository,
  'fixtures',
  'site',
  'netlify',
  'functions',
  'report-background',
);

export type GoBuild =
  | { readonly built: true; readonly file: string }
  | { readonly built: false; readonly reason: string };

/**
 * Compiles the Go fixture to `file`, a static Linux binary for `architecture`. Returns the reason
 * when that is not possible.
 */
export function buildGoFunction(
  file: string = siteBinary,
  architecture: 'amd64' | 'arm64' = hostArchitecture(),
): GoBuild {
  if (process.platform !== 'linux') {
    return {
      built: false,
      reason: 'a Lambda binary is for Linux and would not run on this machine',
    };
  }
  const version = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (version.error !== undefined) {
    return { built: false, reason: 'there is no "go" on this machine' };
  }
  const result = spawnSync(
    'go',
    ['build', '-trimpath', '-ldflags', '-s -w', '-tags', 'lambda.norpc', '-o', file, '.'],
    {
      cwd: source,
      encoding: 'utf8',
      env: { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOARCH: architecture },
    },
  );
  return result.status === 0
    ? { built: true, file }
    : { built: false, reason: `"go build" failed: ${result.stderr.trim()}` };
}

/** Go's name for the CPU of this machine. A binary for another CPU would build, but not run here. */
function hostArchitecture(): 'amd64' | 'arm64' {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = buildGoFunction(process.argv[2]);
  console.log(
    result.built
      ? `report-background (Go): ${path.relative(process.cwd(), result.file)}`
      : `report-background (Go) left out: ${result.reason}`,
  );
}
