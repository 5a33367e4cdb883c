import path from 'node:path';
import type { Metafile } from 'esbuild';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleFile, BundleOptions, BundleTarget } from '../contract/bundle.ts';
import { packageNameOf } from '../esbuild/esbuild-messages.ts';
import { absoluteIn } from '../esbuild/metafile-path.ts';
import { packageIn, packageOf } from '../packages/package-index.ts';
import {
  declaredNames,
  findInstalled,
  importName,
  isPlatformPackage,
} from '../packages/package.ts';
import { scanFile, type Finding } from '../syntax/scan-source.ts';
import type { ExternalImport } from '../trace/tracer.ts';
import { ExternalSearch, type ExternalFiles } from './external-files.ts';
import { describeHeader, inspectNative, installCommand, type NativeFile } from './native-check.ts';
import { hasShebang } from './native-header.ts';
import { layOut } from './node-modules-layout.ts';

/** A pass of esbuild as the decision about externals sees it. */
export interface ReachedCode {
  /** Files with at least one byte in the output; absolute. */
  readonly files: readonly string[];
  /** Imports between them: absolute importer, the specifier as written, what it resolved to. */
  readonly imports: readonly (ExternalImport & { readonly resolved: string })[];
}

/** What stays outside the bundle, and the files that makes necessary. */
export interface HybridPlan {
  /** `importKey` → the specifier to import at run time instead. */
  readonly renames: ReadonlyMap<string, string>;
  readonly files: readonly BundleFile[];
  readonly inputs: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Names one import in one file. */
export function importKey(importer: string, specifier: string): string {
  return `${importer}\0${specifier}`;
}

/** Reads from esbuild's metafile what got into the output; code that was shaken off decides nothing. */
export function reachedCode(metafile: Metafile, projectDirectory: string): ReachedCode {
  const used = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      if (bytesInOutput > 0 && !input.startsWith('bgfn:')) used.add(input);
    }
  }
  const absolute = absoluteIn(projectDirectory);
  const imports = [...used].flatMap((input) => {
    const importer = absolute(input);
    return (metafile.inputs[input]?.imports ?? [])
      .filter(({ original, external }) => original !== undefined && external !== true)
      .map(({ original = '', path: resolved, kind }) => ({
        importer,
        specifier: original,
        kind: kind.startsWith('require') ? ('require' as const) : ('import' as const),
        resolved: absolute(resolved),
      }));
  });
  return { files: [...used].map(absolute).toSorted(), imports };
}

/**
 * Decides per package what cannot be part of one file, and collects it. What an external package
 * uses is external too, so that no package is there twice with two states. Undefined when
 * everything can be bundled.
 */
export async function planHybrid(
  reached: ReachedCode,
  named: readonly ExternalImport[],
  spec: FunctionSpec,
  options: BundleOptions,
): Promise<HybridPlan | undefined> {
  const bundled = packagesOf(reached.files);
  const externals = new Set(
    [...bundled.entries()]
      .filter(([directory, files]) => staysOutside(directory, files, spec, options.target))
      .map(([directory]) => directory),
  );
  const ignored = spec.bundling.ignoredNodeModules;
  const ignores = (file: string): boolean =>
    ignored.some((name) => file.includes(`${path.sep}node_modules${path.sep}${name}${path.sep}`));
  if (externals.size === 0 && named.length === 0) return undefined;
  const search = new ExternalSearch({
    projectDirectory: options.projectDirectory,
    target: options.target,
    ignores,
  });
  for (;;) {
    const imports = crossings(reached, externals);
    await search.follow([...imports, ...named]);
    const traced = search.result();
    const also = [...traced.files.keys()].filter(
      (directory) =>
        bundled.has(directory) &&
        !externals.has(directory) &&
        packageIn(directory)?.installed === true,
    );
    if (also.length === 0) return assemble(imports, named, traced, spec, options);
    for (const directory of also) externals.add(directory);
  }
}

function packagesOf(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const packages = new Map<string, string[]>();
  for (const file of files) {
    const owner = packageOf(file);
    if (owner?.installed === true) {
      packages.set(owner.directory, [...(packages.get(owner.directory) ?? []), file]);
    }
  }
  return packages;
}

const outsideBanner: ReadonlySet<Finding> = new Set<Finding>([
  'own-files',
  'own-directory',
  'own-modules',
  'native',
]);

/** The rule, by kind and never by name; an author's own lists come first. */
function staysOutside(
  directory: string,
  files: readonly string[],
  spec: FunctionSpec,
  target: BundleTarget,
): boolean {
  const owner = packageIn(directory);
  if (owner === undefined) return false;
  const { nodeBundler, externalNodeModules } = spec.bundling;
  if (
    nodeBundler === 'nft' ||
    nodeBundler === 'none' ||
    externalNodeModules.includes(importName(owner))
  ) {
    return true;
  }
  if (nodeBundler === 'esbuild') return false;
  return (
    files.some((file) => /\.(?:node|wasm)$/.test(file)) ||
    files.some((file) => [...scanFile(file)].some((finding) => outsideBanner.has(finding))) ||
    hasPlatformPackages(directory, target)
  );
}

/** Its binaries live in packages of their own, which are found by name at run time. */
function hasPlatformPackages(directory: string, target: BundleTarget): boolean {
  const owner = packageIn(directory);
  if (owner === undefined) return false;
  return Object.keys(owner.json.optionalDependencies).some((name) => {
    const found = name.includes(target.platform) ? findInstalled(directory, name) : undefined;
    return found !== undefined && isPlatformPackage(found);
  });
}

/** The imports that lead from the bundled part into an external package. */
function crossings(reached: ReachedCode, externals: ReadonlySet<string>): ReachedCode['imports'] {
  return reached.imports.filter(({ importer, resolved }) => {
    const to = packageOf(resolved)?.directory;
    return (
      to !== undefined && externals.has(to) && !externals.has(packageOf(importer)?.directory ?? '')
    );
  });
}

function assemble(
  imports: ReachedCode['imports'],
  named: readonly ExternalImport[],
  traced: ExternalFiles,
  spec: FunctionSpec,
  options: BundleOptions,
): HybridPlan {
  const roots = new Map<string, string>();
  const renames = new Map<string, string>();
  for (const { importer, specifier, resolved } of imports) {
    const directory = packageOf(resolved)?.directory ?? '';
    const name = packageNameOf(specifier);
    const rootName = rootNameFor(roots, name, directory);
    renames.set(importKey(importer, specifier), rootName + specifier.slice(name.length));
  }
  for (const { importer, specifier } of named) {
    const name = packageNameOf(specifier);
    const found = findInstalled(path.dirname(importer), name);
    if (found !== undefined && !roots.has(name)) roots.set(name, found.directory);
  }
  if (spec.bundling.nodeBundler === 'none') {
    return { renames, files: [], inputs: [], diagnostics: [] };
  }
  const packages = new Map(
    [...traced.files.keys()].map(
      (directory) =>
        [directory, { directory, dependencies: dependenciesOf(directory, traced) }] as const,
    ),
  );
  for (const directory of traced.files.keys()) addUnreached(roots, directory, packages);
  const places = layOut(roots, packages);
  const { kept, diagnostics } = checkNatives(traced, spec, options.target);
  const files = [...traced.files].flatMap(([directory, own]) =>
    (places.get(directory) ?? []).flatMap((at) =>
      [...own]
        .filter(kept)
        .map((file) =>
          externalFile(file, `${at}/${path.relative(directory, file).replaceAll(path.sep, '/')}`),
        ),
    ),
  );
  return {
    renames,
    files,
    inputs: files.flatMap(({ content }) => ('copyFrom' in content ? [content.copyFrom] : [])),
    diagnostics,
  };
}

/** Two versions imported from bundled code under one name: the second one gets a name of its own. */
function rootNameFor(roots: Map<string, string>, name: string, directory: string): string {
  for (let attempt = 1; ; attempt += 1) {
    const version = packageIn(directory)?.json.version ?? '0';
    const candidate =
      attempt === 1 ? name : attempt === 2 ? `${name}@${version}` : `${name}@${version}-${attempt}`;
    const taken = roots.get(candidate);
    if (taken === undefined) roots.set(candidate, directory);
    if (taken === undefined || taken === directory) return candidate;
  }
}

/**
 * What was found in no way that a name explains (a path from one package into another) goes to the
 * top, where most such paths lead.
 */
function addUnreached(
  roots: Map<string, string>,
  directory: string,
  packages: ReadonlyMap<string, { readonly dependencies: ReadonlyMap<string, string> }>,
): void {
  const owner = packageIn(directory);
  if (owner === undefined || !owner.installed) return;
  const leadsHere = (names: ReadonlyMap<string, string>): boolean =>
    [...names.values()].includes(directory);
  if (
    !leadsHere(roots) &&
    ![...packages.values()].some(({ dependencies }) => leadsHere(dependencies))
  ) {
    rootNameFor(roots, importName(owner), directory);
  }
}

function dependenciesOf(directory: string, traced: ExternalFiles): ReadonlyMap<string, string> {
  const dependencies = new Map<string, string>();
  for (const target of traced.edges.get(directory) ?? []) {
    const found = packageIn(target);
    if (found !== undefined && traced.files.has(target)) {
      dependencies.set(importName(found), target);
    }
  }
  const owner = packageIn(directory);
  for (const name of owner === undefined ? [] : declaredNames(owner)) {
    const found = findInstalled(directory, name);
    if (found !== undefined && traced.files.has(found.directory)) {
      dependencies.set(name, found.directory);
    }
  }
  return dependencies;
}

function externalFile(file: string, at: string): BundleFile {
  return { path: at, mode: isExecutable(file) ? 0o755 : 0o644, content: { copyFrom: file } };
}

function isExecutable(file: string): boolean {
  if (/\.node$|\.so(?:\.|$)/.test(file)) return true;
  return !/\.[a-z0-9]+$/i.test(path.basename(file)) || /\.(?:sh|py|pl|exe|bin)$/.test(file)
    ? inspectNative(file, { platform: 'linux', arch: 'x64', libc: 'glibc' }) !== undefined ||
        hasShebang(file)
    : false;
}

/** Leaves out machine code for other machines; a package that has nothing else is an error. */
function checkNatives(
  traced: ExternalFiles,
  spec: FunctionSpec,
  target: BundleTarget,
): { readonly kept: (file: string) => boolean; readonly diagnostics: readonly Diagnostic[] } {
  const dropped = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const [directory, files] of traced.files) {
    const natives = [...files]
      .map((file) => inspectNative(file, target))
      .filter((native) => native !== undefined);
    const misfits = natives.filter(({ fits }) => !fits);
    for (const { file } of misfits) dropped.add(file);
    const [first] = misfits;
    if (first === undefined || misfits.length !== natives.length) continue;
    const diagnostic = wrongMachine(installedFor(directory, traced), first, spec, target);
    if (!diagnostics.some(({ message }) => message === diagnostic.message)) {
      diagnostics.push(diagnostic);
    }
  }
  return { kept: (file) => !dropped.has(file), diagnostics };
}

/**
 * A platform package is installed because another package lists it: that one is what a user
 * installs.
 */
function installedFor(directory: string, traced: ExternalFiles): string {
  const found = packageIn(directory);
  if (found === undefined || !isPlatformPackage(found)) return directory;
  const owners = [...traced.files.keys()].filter((other) =>
    Object.hasOwn(packageIn(other)?.json.optionalDependencies ?? {}, importName(found)),
  );
  // A platform package may list another one (a library beside its addon): who lists them all is asked for.
  return owners.find((owner) => !isPlatformPackage(packageIn(owner) ?? found)) ?? directory;
}

function wrongMachine(
  directory: string,
  native: NativeFile,
  spec: FunctionSpec,
  target: BundleTarget,
): Diagnostic {
  const owner = packageIn(directory);
  const name = owner === undefined ? path.basename(directory) : importName(owner);
  const libc = target.platform === 'linux' ? ` (${target.libc})` : '';
  return {
    severity: 'error',
    code: 'NATIVE_TARGET',
    message: `${name} is installed for ${describeHeader(native.header)}, the function runs on ${target.platform} ${target.arch}${libc}.`,
    hint: `Install it for the target: ${installCommand(target, name)}`,
    location: { file: native.file, line: 1, column: 1 },
    functionName: spec.name,
  };
}
