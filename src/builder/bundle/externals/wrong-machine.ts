import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { BundleTarget } from '../contract/bundle-options.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { importName } from '../packages/package.ts';
import { isPlatformPackage } from '../packages/platform-package.ts';
import type { ExternalFiles } from './external-search.ts';

export interface WrongMachineContext {
  readonly traced: ExternalFiles;
  readonly functionName: string;
  readonly target: BundleTarget;
  readonly packages: PackageIndex;
}

/** A file for another machine than the target, and a description of that machine. */
export interface ForeignFile {
  readonly file: string;
  readonly machine: string;
}

/** Reports that a package is installed for another machine, with the command that helps. */
export function wrongMachine(
  severity: Diagnostic['severity'],
  directory: string,
  { traced, functionName, target, packages }: WrongMachineContext,
  { file, machine }: ForeignFile,
): Diagnostic {
  const installable = installablePackage(directory, traced, packages);
  const owner = packages.at(installable);
  const name = owner === undefined ? path.basename(installable) : importName(owner);
  const libc = target.platform === 'linux' ? ` (${target.libc})` : '';
  const here = `${target.platform} ${target.arch}${libc}`;
  return {
    severity,
    code: 'NATIVE_TARGET',
    message: `${name} is installed for ${machine}, the function runs on ${here}.`,
    hint: `Install it for the target: ${installCommand(target, name)}`,
    location: { file, line: 1, column: 1 },
    functionName,
  };
}

/**
 * Returns the directory of the package that a user installs to get the given one. A platform
 * package comes with the package that lists it.
 */
function installablePackage(
  directory: string,
  traced: ExternalFiles,
  packages: PackageIndex,
): string {
  const found = packages.at(directory);
  if (found === undefined || !isPlatformPackage(found)) return directory;
  const name = importName(found);
  const owners = [...traced.files.keys()].filter((other) =>
    Object.hasOwn(packages.at(other)?.json.optionalDependencies ?? {}, name),
  );
  // A platform package may itself be listed by a platform package (a library by its addon). Users
  // install neither of the two by name.
  return owners.find((owner) => !isPlatformPackage(packages.at(owner) ?? found)) ?? directory;
}

/** Returns the command that installs a package's binaries for the target. */
function installCommand(target: BundleTarget, packageName: string): string {
  const libc = target.platform === 'linux' ? ` --libc=${target.libc}` : '';
  return `npm install --os=${target.platform} --cpu=${target.arch}${libc} ${packageName}`;
}
