import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Outcome } from '../../../diagnostic/outcome.ts';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { GoSourceEntry } from '../../discover/scan/entry.ts';
import { looksLikeExecutable } from '../../discover/scan/go-binary.ts';
import { Semaphore } from '../concurrency/semaphore.ts';
import type { BundleOptions } from '../contract/bundle-options.ts';
import type { Bundle } from '../contract/bundle.ts';
import { goBundle } from './go-bundle.ts';
import { goDiagnostics, notAProgram } from './go-errors.ts';
import { goInputs, type RunGo } from './go-inputs.ts';
import { goArchOf } from './go-target.ts';

const execute = promisify(execFile);
const maxOutputBytes = 64 * 1024 * 1024;

/**
 * Limits how many functions are compiled at once. `go build` uses all cores, so more compilers at
 * once would only compile the same dependencies twice. All builds of a process share the limit,
 * because they share the machine's cores.
 */
const compilers = new Semaphore(Math.max(1, Math.floor(availableParallelism() / 2)));

/**
 * The flags that Netlify documents for a static, stripped executable. `-trimpath` and an empty
 * build id make the bytes independent of the checkout's path. The version control stamp is left
 * out, because it changes with every commit.
 */
const buildFlags = [
  '-trimpath',
  '-buildvcs=false',
  '-ldflags',
  '-s -w -buildid=',
  '-tags',
  'lambda.norpc',
];

/**
 * Compiles a Go function. `go` runs in the function's directory and finds modules, workspaces and
 * vendored dependencies itself.
 */
export async function bundleGoSource(
  spec: FunctionSpec,
  entry: GoSourceEntry,
  options: BundleOptions,
): Promise<Outcome<Bundle>> {
  const directory = path.dirname(entry.mainFile);
  const go = goCommand(directory, options);
  using _compiler = await compilers.acquire();
  const scratch = await mkdtemp(path.join(tmpdir(), 'bgfn-go-'));
  try {
    const binary = path.join(scratch, 'bootstrap');
    const subject = await subjectOf(entry, directory);
    await go(['build', ...buildFlags, '-o', binary, ...subject]);
    const bytes = await readFile(binary);
    // Of a library Go makes an archive, and reports success.
    if (!looksLikeExecutable(bytes)) {
      return { ok: false, diagnostics: [notAProgram(spec.name, entry.mainFile)] };
    }
    const inputs = await goInputs(entry.mainFile, subject, go);
    return { ok: true, value: await goBundle({ bytes }, inputs, spec, options) };
  } catch (error) {
    return { ok: false, diagnostics: goDiagnostics(error, spec.name, entry.mainFile) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Returns a function that runs `go` for the target. The operating system is always Linux, because
 * the artifact is one for Lambda.
 */
function goCommand(directory: string, { target }: BundleOptions): RunGo {
  const env = {
    ...process.env,
    CGO_ENABLED: '0',
    GOOS: 'linux',
    GOARCH: goArchOf(target.arch),
  };
  return async (args) =>
    (await execute('go', [...args], { cwd: directory, env, maxBuffer: maxOutputBytes })).stdout;
}

/**
 * Returns the arguments that tell `go build` what to compile. A lone file is compiled by itself, so
 * that its neighbours can be functions, too. A directory is one package: inside a module Go
 * compiles the directory, and outside of any module only files that are named one by one, which can
 * then use the standard library.
 */
async function subjectOf(entry: GoSourceEntry, directory: string): Promise<readonly string[]> {
  if (entry.directory === undefined) return [path.basename(entry.mainFile)];
  if (isInModule(directory)) return ['.'];
  return (await readdir(directory))
    .filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'))
    .toSorted();
}

function isInModule(directory: string): boolean {
  if (existsSync(path.join(directory, 'go.mod'))) return true;
  const parent = path.dirname(directory);
  return parent !== directory && isInModule(parent);
}
