import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { repository, scratchDirectory } from './project.ts';

/**
 * Path of the built `bgfn-build`, which users run. The sources would add the time that Node needs
 * to strip their types.
 *
 * @throws {Error} When there is no `dist`.
 */
export function bgfnBuildCommand(): string {
  const command = path.join(repository, 'dist', 'cli', 'bgfn-build.js');
  if (!existsSync(command)) throw new Error('There is no dist: run npm run build first.');
  return command;
}

/** Path of a peer program of the comparison. */
export function peer(file: string): string {
  return path.resolve(import.meta.dirname, '..', 'peers', file);
}

/** Where a contender writes its artifacts. */
export function outputOf(name: string): string {
  return path.join(scratchDirectory, 'out', name);
}

/** The built `bgfn` with these arguments, as a command line. */
export function bgfnCommand(...args: readonly string[]): readonly [string, ...string[]] {
  return [process.execPath, path.join(repository, 'dist', 'cli', 'bgfn.js'), ...args];
}

/**
 * Runs `bgfn-build` in a site.
 *
 * @throws {Error} When the build fails.
 */
export function buildSite(site: string): void {
  const built = spawnSync(process.execPath, [bgfnBuildCommand(), '--quiet'], {
    cwd: site,
    stdio: 'inherit',
  });
  if (built.status !== 0) throw new Error('bgfn-build failed');
}
