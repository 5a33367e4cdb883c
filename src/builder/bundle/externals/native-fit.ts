import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { BundleTarget } from '../contract/bundle-options.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { importName } from '../packages/package.ts';
import { isPlatformPackage } from '../packages/platform-package.ts';
import type { ExternalFiles } from './external-search.ts';
import { describeHeader, inspectNative, type NativeFile } from './native-files.ts';

export interface NativeFitRequest {
  readonly traced: ExternalFiles;
  readonly functionName: string;
  readonly target: BundleTarget;
  readonly packages: PackageIndex;
}

export interface NativeFit {
  /** Files with machine code that the target cannot run; absolute. */
  readonly misfits: ReadonlySet<string>;
  /** One error for each package with machine code of which no file fits the target. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks the machine code in the traced packages against the target. */
export function checkNativeFit(request: NativeFitRequest): NativeFit {
  const { traced, target } = request;
  const misfits = new Set<string>();
  const byMessage = new Map<string, Diagnostic>();
  for (const [directory, files] of traced.files) {
    const natives = [...files]
      .map((file) => inspectNative(file, target))
      .filter((native) => native !== undefined);
    const wrong = natives.filter(({ fits }) => !fits);
    for (const { file } of wrong) misfits.add(file);
    const [first] = wrong;
    if (first === undefined || wrong.length !== natives.length) continue;
    const diagnostic = wrongMachine(directory, first, request);
    if (!byMessage.has(diagnostic.message)) byMessage.set(diagnostic.message, diagnostic);
  }
  return { misfits, diagnostics: [...byMessage.values()] };
}

function wrongMachine(
  directory: string,
  { file, header }: NativeFile,
  { traced, functionName, target, packages }: NativeFitRequest,
): Diagnostic {
  const installable = installablePackage(directory, traced, packages);
  const owner = packages.at(installable);
  const name = owner === undefined ? path.basename(installable) : importName(owner);
  const libc = target.platform === 'linux' ? ` (${target.libc})` : '';
  const machine = `${target.platform} ${target.arch}${libc}`;
  return {
    severity: 'error',
    code: 'NATIVE_TARGET',
    message: `${name} is installed for ${describeHeader(header)}, the function runs on ${machine}.`,
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
