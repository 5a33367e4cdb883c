/** Installs the sample site's packages from its lockfile, unless they are installed already. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const siteDirectory = path.resolve(import.meta.dirname, '..', 'fixtures', 'site');

/** Copy of the lockfile that `node_modules` was installed from. */
const stamp = path.join(siteDirectory, 'node_modules', '.installed-lock.json');

/** Whether the installed packages of the sample site match its lockfile. */
export function isSiteInstalled(): boolean {
  return read(stamp) === read(path.join(siteDirectory, 'package-lock.json'));
}

/**
 * Runs `npm ci` in the sample site unless its packages are installed.
 *
 * @throws {Error} When npm fails.
 */
export function installSite(): void {
  if (isSiteInstalled()) return;
  const installed = spawnSync('npm', ['ci'], {
    cwd: siteDirectory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (installed.status !== 0) throw new Error(`npm ci in ${siteDirectory} failed`);
  writeFileSync(stamp, read(path.join(siteDirectory, 'package-lock.json')) ?? '');
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installSite();
