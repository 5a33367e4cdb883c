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
  const found = lockfileOf(directory);
  return commands.find(([lockfile]) => lockfile === found)?.[1] ?? 'npm install';
}

/** Returns what a user runs so that the install script of a package runs, by the lockfile. */
export function rebuildCommand(directory: string, packageName: string): string {
  switch (lockfileOf(directory)) {
    case 'pnpm-lock.yaml':
      return 'pnpm approve-builds';
    case 'yarn.lock':
      return `yarn rebuild ${packageName}`;
    case 'bun.lock':
      return `bun pm trust ${packageName}`;
    default:
      return `npm rebuild ${packageName}`;
  }
}

/** The name of the nearest lockfile. */
function lockfileOf(directory: string): string | undefined {
  for (let at = directory; ; at = path.dirname(at)) {
    const found = commands.find(([lockfile]) => existsSync(path.join(at, lockfile)));
    if (found !== undefined) return found[0];
    if (path.dirname(at) === at) return undefined;
  }
}
