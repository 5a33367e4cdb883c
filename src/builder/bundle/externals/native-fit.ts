import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { BundleTarget } from '../contract/bundle-options.ts';
import type { PlatformPackages } from '../native/platform-packages.ts';
import type { Package } from '../packages/package.ts';
import { fitsTarget, isWebAssembly } from '../packages/platform-package.ts';
import { namesOtherMachine } from '../packages/platform-words.ts';
import { isCode } from '../syntax/code-file.ts';
import type { ExternalFiles } from './external-search.ts';
import { describeHeader, inspectNative, type NativeFile } from './native-files.ts';
import { platformFamilies, type PlatformFamily } from './platform-families.ts';
import { wrongMachine, type WrongMachineContext } from './wrong-machine.ts';

export interface NativeFitRequest extends WrongMachineContext {
  readonly traced: ExternalFiles;
  /** Directories of the packages that bundled code imports. */
  readonly imported: ReadonlySet<string>;
  readonly platformPackages: PlatformPackages;
}

export interface NativeFit {
  /** The files that are for another machine only; absolute. */
  readonly misfits: ReadonlySet<string>;
  /** Findings about machine code that the function needs and that is for another machine only. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compares the machine code in the traced packages with the target. Only what is loaded decides:
 *
 * - Of the optional packages for several machines, those that fit are kept. When none fits, and there
 *   is one for the target, the function cannot run.
 * - Neither can it when no addon fits of a package that loads one.
 * - Helper programs and libraries of other machines are left out without a word, except for a program
 *   that was fetched for the machine on which the package was installed.
 */
export function checkNativeFit(request: NativeFitRequest): NativeFit {
  const natives = nativesByPackage(request);
  const misfits = new Set(
    [...natives.values()].flat().flatMap(({ file, fits }) => (fits ? [] : [file])),
  );
  const byMessage = new Map<string, Diagnostic>();
  const report = (diagnostic: Diagnostic | undefined): void => {
    if (diagnostic === undefined || byMessage.has(diagnostic.message)) return;
    byMessage.set(diagnostic.message, diagnostic);
  };
  const inFamilies = new Set<string>();
  for (const family of familiesOf(request)) {
    const kept = keptMembers(family, natives, request.target);
    for (const member of family.members) {
      inFamilies.add(member.directory);
      if (kept.includes(member)) continue;
      for (const file of request.traced.files.get(member.directory) ?? []) misfits.add(file);
    }
    if (kept.length === 0) report(familyError(family, natives, request));
  }
  for (const [directory, own] of natives) {
    if (!inFamilies.has(directory)) report(packageFinding(directory, own, request));
  }
  return { misfits, diagnostics: [...byMessage.values()] };
}

type Natives = ReadonlyMap<string, readonly NativeFile[]>;

function nativesByPackage({ traced, target }: NativeFitRequest): Natives {
  return new Map(
    [...traced.files].map(([directory, files]) => [
      directory,
      [...files]
        .map((file) => inspectNative(file, target))
        .filter((native) => native !== undefined),
    ]),
  );
}

function familiesOf({
  traced,
  target,
  packages,
  platformPackages,
}: NativeFitRequest): readonly PlatformFamily[] {
  return [...traced.files.keys()].flatMap((directory) => {
    const owner = packages.at(directory);
    return owner === undefined ? [] : platformFamilies(owner, target, platformPackages);
  });
}

/** Returns the members of a family that the target can run; WebAssembly only when no other can. */
function keptMembers(
  { members }: PlatformFamily,
  natives: Natives,
  target: BundleTarget,
): readonly Package[] {
  const fitting = members.filter((member) => {
    // Older packages do not say for which C library they are made.
    const own = natives.get(member.directory) ?? [];
    return fitsTarget(member, target) && (own.length === 0 || own.some(({ fits }) => fits));
  });
  return fitting.length > 0 ? fitting : members.filter((member) => isWebAssembly(member));
}

/** Undefined when the function does not need a member, or when there is none for the target. */
function familyError(
  { owner, members, isForTarget }: PlatformFamily,
  natives: Natives,
  request: NativeFitRequest,
): Diagnostic | undefined {
  const loaded = members.find(({ directory }) => request.traced.files.has(directory));
  if (!isForTarget || (loaded === undefined && !loadsMembers(owner, request))) return undefined;
  const member = loaded ?? members[0];
  if (member === undefined) return undefined;
  const [native] = natives.get(member.directory) ?? [];
  const { os = [], cpu = [], libc } = member.json;
  return wrongMachine('error', member.directory, request, {
    file: native?.file ?? path.join(member.directory, 'package.json'),
    machine:
      native === undefined
        ? `${os.join('+')} ${cpu.join('+')}${libc === undefined ? '' : ` (${libc.join('+')})`}`
        : describeHeader(native.header),
  });
}

/** Whether bundled code imports a package whose code loads its platform packages by a computed name. */
function loadsMembers(
  owner: Package,
  { traced, imported, platformPackages }: NativeFitRequest,
): boolean {
  if (!imported.has(owner.directory)) return false;
  const files = [...(traced.files.get(owner.directory) ?? [])];
  return files.some((file) => platformPackages.areLoadedBy(file, owner));
}

/** Judges a package that has machine code and is not one of several for different machines. */
function packageFinding(
  directory: string,
  natives: readonly NativeFile[],
  request: NativeFitRequest,
): Diagnostic | undefined {
  if (natives.some(({ fits }) => fits)) return undefined;
  const addon = natives.find(
    ({ file }) => file.endsWith('.node') && isLoaded(file, directory, request),
  );
  const program = natives.find(({ file }) => isFetchedProgram(file, directory, request));
  const native = addon ?? program;
  return native === undefined
    ? undefined
    : wrongMachine(addon === undefined ? 'warning' : 'error', directory, request, {
        file: native.file,
        machine: describeHeader(native.header),
      });
}

/**
 * Whether the code of a package loads an addon on the target. An addon whose path names another
 * machine is loaded on that machine only, unless the code also knows the target.
 */
function isLoaded(file: string, directory: string, { traced, target }: NativeFitRequest): boolean {
  if (traced.addonUsers.has(directory)) return true;
  if (!traced.named.has(file)) return false;
  if (!namesOtherMachine(path.relative(directory, file), target)) return true;
  const modules = [...(traced.files.get(directory) ?? [])].filter(isCode);
  return modules.some((module) => readFileSync(module, 'latin1').includes(target.platform));
}

/** Whether the code of a package names a program that the package's install script fetched. */
function isFetchedProgram(
  file: string,
  directory: string,
  { traced, target, packages }: NativeFitRequest,
): boolean {
  const scripts = packages.at(directory)?.json.scripts;
  return (
    (scripts?.['install'] ?? scripts?.['postinstall']) !== undefined &&
    traced.named.has(file) &&
    !/\.(?:exe|dll|dylib|node|so)(?:\.|$)/i.test(file) &&
    !namesOtherMachine(path.relative(directory, file), target)
  );
}
