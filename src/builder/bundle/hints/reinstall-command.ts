import { existsSync } from 'node:fs';
import path from 'node:path';

/** Lockfile → the command that installs every file again. */
const commands: readonly (readonly [lockfile: string, command: string])[] = [
  ['package-lock.json', 'npm ci'],
  ['npm-shrinkwrap.json', 'npm ci'],
  ['pnpm-lock.yaml', 'pnpm install --force'],
  ['yarn.lock', 'yarn install --force'],
  ['bun.lock', 'bun install --force'],
];

/** Returns what a user runs to install the packages of a directory again, by its lockfile. */
export function reinstallCommand(directory: string): string {
  for (let at = directory; ; at = path.dirname(at)) {
    const found = commands.find(([lockfile]) => existsSync(path.join(at, lockfile)));
    if (found !== undefined) return found[1];
    if (path.dirname(at) === at) return 'npm install';
  }
}
