import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BundleTarget } from '../contract/bundle.ts';
import { packageNameOf } from '../esbuild/esbuild-messages.ts';
import { isCode, packageFiles } from '../packages/package-files.ts';
import { packageIn, packageOf, type Package } from '../packages/package-index.ts';
import { declaredNames, findInstalled, isPlatformPackage } from '../packages/package.ts';
import { scanFile, type Finding } from '../syntax/scan-source.ts';
import { traceFiles, type ExternalImport } from '../trace/tracer.ts';

/** Everything that the external imports of one function need at run time. */
export interface ExternalFiles {
  /** Package directory → its files, absolute. */
  readonly files: ReadonlyMap<string, ReadonlySet<string>>;
  /** Package directory → directories of the packages its files ask for. */
  readonly edges: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface ExternalFilesRequest {
  readonly projectDirectory: string;
  readonly target: BundleTarget;
  readonly ignores: (file: string) => boolean;
}

/**
 * The search for them. It traces, looks at what was found, and traces on, until nothing new turns
 * up: what a package reads or loads by a computed name is invisible to a trace, but the scan of its
 * files tells what kind of thing it is.
 */
export class ExternalSearch {
  readonly #request: ExternalFilesRequest;
  readonly #files = new Set<string>();
  readonly #edges = new Map<string, Set<string>>();
  readonly #findings = new Map<string, Set<Finding>>();
  readonly #completed = new Map<string, string>();
  readonly #seen = new Set<string>();
  #pending: ExternalImport[] = [];

  constructor(request: ExternalFilesRequest) {
    this.#request = request;
  }

  /** Adds imports and follows them to the end. Imports that were added before cost nothing. */
  async follow(imports: readonly ExternalImport[]): Promise<void> {
    for (const one of imports) {
      const found =
        one.located === true
          ? findInstalled(path.dirname(one.importer), packageNameOf(one.specifier))
          : undefined;
      if (found !== undefined) this.#addWhole(found);
      this.#ask(one);
    }
    while (this.#pending.length > 0) {
      const pending = this.#pending;
      this.#pending = [];
      await this.#step(pending);
    }
  }

  #ask(one: ExternalImport): void {
    const key = `${one.kind}\0${path.dirname(one.importer)}\0${one.specifier}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#pending.push(one);
  }

  async #step(imports: readonly ExternalImport[]): Promise<void> {
    const { projectDirectory, ignores } = this.#request;
    const trace = await traceFiles({ imports, projectDirectory, ignores });
    for (const file of trace.files) {
      const owner = packageOf(file);
      if (owner === undefined || !isInside(file, owner.directory)) continue;
      this.#add(owner, file);
      for (const parent of trace.parents.get(file) ?? []) this.#link(packageOf(parent), owner);
    }
    for (const directory of Array.from(this.#findings.keys())) this.#complete(directory);
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
    const state = [...findings].toSorted().join();
    if (this.#completed.get(directory) === state) return;
    this.#completed.set(directory, state);
    this.#addPlatformPackages(owner);
    if (findings.has('own-modules') || findings.has('own-directory')) {
      this.#addWhole(owner);
    } else if (findings.has('own-files') || findings.has('native')) {
      this.#addFiles(owner, packageFiles(directory, 'data'));
    }
    if (findings.has('own-modules') || findings.has('named-modules')) {
      this.#addNames(owner, declaredNames(owner));
    }
  }

  #addFiles(owner: Package, files: readonly string[]): void {
    for (const file of files) this.#add(owner, file);
  }

  /** Every file, and what its modules name of the package's declared dependencies. */
  #addWhole(owner: Package): void {
    const files = packageFiles(owner.directory, 'all');
    this.#addFiles(owner, files);
    const declared = new Set(declaredNames(owner));
    for (const file of files.filter((one) => isCode(one))) {
      const specifiers = [...new Set(bareSpecifiers(readFileSync(file, 'latin1')))].filter(
        (specifier) => declared.has(packageNameOf(specifier)),
      );
      for (const specifier of specifiers) this.#addName(owner, specifier);
    }
  }

  /**
   * The optional packages for the target machine, whole: they carry binaries that are found by
   * name.
   */
  #addPlatformPackages(owner: Package): void {
    for (const name of Object.keys(owner.json.optionalDependencies)) {
      const found = findInstalled(owner.directory, name);
      if (
        found === undefined ||
        !isPlatformPackage(found) ||
        !fitsTarget(found, this.#request.target)
      ) {
        continue;
      }
      this.#link(owner, found);
      this.#addFiles(found, packageFiles(found.directory, 'all'));
    }
  }

  /** Whatever a package may load by name is among the names it declares. */
  #addNames(owner: Package, names: readonly string[]): void {
    for (const name of names) if (!name.startsWith('@types/')) this.#addName(owner, name);
  }

  #addName(owner: Package, specifier: string): void {
    const found = findInstalled(owner.directory, packageNameOf(specifier));
    if (found === undefined || isPlatformPackage(found)) return;
    this.#link(owner, found);
    const importer = path.join(owner.directory, 'package.json');
    this.#ask({ importer, specifier, kind: 'require' });
    this.#ask({ importer, specifier, kind: 'import' });
  }
}

/**
 * The packages that a text imports or requires by a literal, found without a syntax tree: one too
 * many does no harm here.
 */
function bareSpecifiers(text: string): readonly string[] {
  return [
    ...text.matchAll(
      /(?:\bfrom|\bimport|\b(?:require|import)\s*\()\s*["']([^"'./\s:][^"'\s:]*)["']/g,
    ),
  ].map(([, specifier = '']) => specifier);
}

/**
 * Whether the package manager would install it on the target: os, cpu and libc fields, with `!` for
 * "not".
 */
function fitsTarget(found: Package, target: BundleTarget): boolean {
  const { os, cpu, libc } = found.json;
  return (
    allows(os, target.platform) &&
    allows(cpu, target.arch) &&
    (target.platform !== 'linux' || allows(libc, target.libc))
  );
}

function allows(list: readonly string[] | undefined, value: string): boolean {
  if (list === undefined || list.length === 0) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((item) => item.startsWith('!'));
}

function isInside(file: string, directory: string): boolean {
  return file.startsWith(directory + path.sep);
}
