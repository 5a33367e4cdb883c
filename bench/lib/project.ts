import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const benchDirectory = path.resolve(import.meta.dirname, '..');
export const repository = path.resolve(benchDirectory, '..');

/**
 * Where the benchmarks install their peers and write their output; the directory is kept between
 * runs, so that only the first run installs.
 */
export const scratchDirectory = process.env['BGFN_BENCH_DIR'] ?? path.join(tmpdir(), 'bgfn-bench');

export interface BenchProject {
  /** A copy of the sample site, absolute. */
  readonly directory: string;
  readonly functionsDirectory: string;
  readonly functionCount: number;
}

/**
 * Copies fixtures/site and the additional functions of bench/functions to a scratch directory, with
 * the packages and the peers installed. Every call makes a new copy; packages are installed again
 * only when the lockfile changed.
 */
export async function prepareProject(): Promise<BenchProject> {
  const directory = path.join(scratchDirectory, 'site');
  await installPackages(directory);
  const site = path.join(repository, 'fixtures', 'site');
  for (const part of ['netlify.toml', 'tsconfig.json', 'lib', 'data', 'netlify']) {
    await rm(path.join(directory, part), { recursive: true, force: true });
    await cp(path.join(site, part), path.join(directory, part), { recursive: true });
  }
  const functionsDirectory = path.join(directory, 'netlify', 'functions');
  await cp(path.join(benchDirectory, 'functions'), functionsDirectory, { recursive: true });
  // The Go function is not bundled, so there is nothing to measure, and only some machines have Go.
  await rm(path.join(functionsDirectory, 'report-background'), { force: true });
  const functionCount = (await readdir(functionsDirectory)).length;
  return { directory, functionsDirectory, functionCount };
}

/** The directory that BullMQ and pg-boss are installed into. */
export async function installQueues(): Promise<string> {
  const directory = path.join(scratchDirectory, 'queues');
  await installFrom('install-queues', directory, [
    'install',
    '--ignore-scripts',
    '--omit=optional',
  ]);
  return directory;
}

/** The directory of the packages with machine code. */
export function installNative(): Promise<string> {
  return installSite('native');
}

/** The directory of a package with more than a hundred megabytes of code. */
export function installSdk(): Promise<string> {
  return installSite('sdk');
}

async function installSite(name: string): Promise<string> {
  const directory = path.join(scratchDirectory, name);
  // The packages of this list have their binaries in packages of their own.
  await installFrom(`install-${name}`, directory, ['ci', '--ignore-scripts']);
  return directory;
}

function installPackages(directory: string): Promise<void> {
  return installFrom('install', directory, ['ci']);
}

async function installFrom(
  source: string,
  directory: string,
  npmArguments: readonly string[],
): Promise<void> {
  const lockfile = await readFile(path.join(benchDirectory, source, 'package-lock.json'), 'utf8');
  const stamp = path.join(directory, 'node_modules', '.installed-lock.json');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === lockfile) return;
  await mkdir(directory, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    await cp(path.join(benchDirectory, source, file), path.join(directory, file));
  }
  const installed = spawnSync('npm', npmArguments, {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (installed.status !== 0) {
    throw new Error(`npm ${npmArguments.join(' ')} in ${directory} failed`);
  }
  await writeFile(stamp, lockfile);
}
