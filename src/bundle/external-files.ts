import path from 'node:path';
import type { BundleTarget } from './bundle-function.ts';
import { declaredNames, findInstalled, isPlatformPackage } from './installed.ts';
import { isCode, packageFiles } from './package-files.ts';
import { packageIn, packageOf } from './package-of.ts';
import type { Package } from './package-of.ts';
import { scanFile } from './scan-file.ts';
import type { Finding } from './scan-file.ts';
import { traceFiles } from './trace.ts';
import type { ExternalImport } from './trace.ts';

/** Everything that the external imports of one function need at run time. */
export interface ExternalFiles {
  /** Package directory → its files, absolute. */
  readonly files: ReadonlyMap<string, ReadonlySet<string>>;
  /** Package directory → directories of the packages its files ask for. */
  readonly edges: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface ExternalFilesRequest {
  readonly imports: readonly ExternalImport[];
  readonly projectDirectory: string;
  readonly target: BundleTarget;
  readonly ignores: (file: string) => boolean;
}

/**
 * Traces, looks at what was found, and traces again, until nothing new turns up: what a package reads or loads
 * by a computed name is invisible to a trace, but the scan of its files tells what kind of thing it is.
 */
export async function externalFiles(request: ExternalFilesRequest): Promise<ExternalFiles> {
  const search = new Search(request);
  while (search.isOpen) await search.step();
  return search.result();
}

class Search {
  readonly #request: ExternalFilesRequest;
  readonly #files = new Set<string>();
  readonly #edges = new Map<string, Set<string>>();
  readonly #findings = new Map<string, Set<Finding>>();
  readonly #followed = new Set<string>();
  #imports: ExternalImport[];
  #starts = new Set<string>();
  isOpen = true;

  constructor(request: ExternalFilesRequest) {
    this.#request = request;
    this.#imports = [...request.imports];
  }

  async step(): Promise<void> {
    const { projectDirectory, ignores } = this.#request;
    const trace = await traceFiles({ imports: this.#imports, files: [...this.#starts], projectDirectory, ignores });
    const before = this.#files.size + this.#imports.length + this.#starts.size;
    for (const file of trace.files) {
      const owner = packageOf(file);
      if (owner === undefined || !isInside(file, owner.directory)) continue;
      this.#add(owner, file);
      for (const parent of trace.parents.get(file) ?? []) this.#link(packageOf(parent), owner);
    }
    for (const directory of Array.from(this.#findings.keys())) this.#complete(directory);
    this.isOpen = this.#files.size + this.#imports.length + this.#starts.size !== before;
  }

  result(): ExternalFiles {
    const files = new Map<string, Set<string>>();
    for (const file of [...this.#files].toSorted()) {
      const directory = packageOf(file)?.directory;
      if (directory === undefined) continue;
      const own = files.get(directory) ?? new Set([path.join(directory, 'package.json')]);
      files.set(directory, own.add(file));
    }
    return { files, edges: this.#edges };
  }

  #add(owner: Package, file: string): void {
    if (this.#files.has(file) || this.#request.ignores(file)) return;
    this.#files.add(file);
    const findings = this.#findings.get(owner.directory) ?? new Set();
    this.#findings.set(owner.directory, findings);
    for (const finding of scanFile(file)) findings.add(finding);
  }

  #link(from: Package | undefined, to: Package): void {
    if (from === undefined || from.directory === to.directory) return;
    const edges = this.#edges.get(from.directory) ?? new Set();
    this.#edges.set(from.directory, edges.add(to.directory));
  }

  /** Adds to one package what its findings call for. */
  #complete(directory: string): void {
    const owner = packageIn(directory);
    const findings = this.#findings.get(directory);
    if (owner === undefined || findings === undefined || !owner.installed) return;
    this.#addPlatformPackages(owner);
    if (findings.has('own-modules')) this.#addFiles(owner, packageFiles(directory, 'all'), true);
    else if (findings.has('own-directory')) this.#addFiles(owner, packageFiles(directory, 'all'), false);
    else if (findings.has('own-files') || findings.has('native')) this.#addFiles(owner, packageFiles(directory, 'data'), false);
    if (findings.has('own-modules') || findings.has('named-modules')) this.#addNamedModules(owner);
  }

  #addFiles(owner: Package, files: readonly string[], follow: boolean): void {
    for (const file of files) {
      this.#add(owner, file);
      if (follow && isCode(file)) this.#starts.add(file);
    }
  }

  /** The optional packages for the target machine, whole: they carry binaries that are found by name. */
  #addPlatformPackages(owner: Package): void {
    for (const name of Object.keys(owner.json.optionalDependencies)) {
      const found = findInstalled(owner.directory, name);
      if (found === undefined || !isPlatformPackage(found) || !fitsTarget(found, this.#request.target)) continue;
      this.#link(owner, found);
      this.#addFiles(found, packageFiles(found.directory, 'all'), false);
    }
  }

  /** Whatever a package may load by name is among the names it declares. */
  #addNamedModules(owner: Package): void {
    if (this.#followed.has(owner.directory)) return;
    this.#followed.add(owner.directory);
    for (const name of declaredNames(owner)) {
      const found = findInstalled(owner.directory, name);
      if (found === undefined || isPlatformPackage(found) || name.startsWith('@types/')) continue;
      this.#link(owner, found);
      this.#imports.push({ importer: path.join(owner.directory, 'package.json'), specifier: name, kind: 'require' }, { importer: path.join(owner.directory, 'package.json'), specifier: name, kind: 'import' });
    }
  }
}

/** Whether the package manager would install it on the target: os, cpu and libc fields, with `!` for "not". */
export function fitsTarget(found: Package, target: BundleTarget): boolean {
  const { os, cpu, libc } = found.json;
  return allows(os, target.platform) && allows(cpu, target.arch) && (target.platform !== 'linux' || allows(libc, target.libc));
}

function allows(list: readonly string[] | undefined, value: string): boolean {
  if (list === undefined || list.length === 0) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((item) => item.startsWith('!'));
}

function isInside(file: string, directory: string): boolean {
  return file.startsWith(directory + path.sep);
}
