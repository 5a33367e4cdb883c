import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { BundleTarget } from '../contract/bundle-options.ts';
import { packageFiles, publishedFiles } from '../packages/package-files.ts';
import { packageNameOf } from '../packages/package-name.ts';
import { declaredNames, type Package } from '../packages/package.ts';
import { fitsTarget, isPlatformPackage, isWebAssembly } from '../packages/platform-package.ts';
import type { BundleSession } from '../session/session.ts';
import { isCode } from '../syntax/code-file.ts';
import type { Finding } from '../syntax/finding.ts';
import type { ExternalImport } from '../trace/tracer.ts';

/** The files that the external imports of one function need at run time. */
export interface ExternalFiles {
  /** Package directory → its files, absolute. */
  readonly files: ReadonlyMap<string, ReadonlySet<string>>;
  /** Package directory → directories of the packages that its files ask for. */
  readonly edges: ReadonlyMap<string, ReadonlySet<string>>;
  /** The files to which an import or a path in the code leads; absolute. */
  readonly named: ReadonlySet<string>;
  /** Directories of the packages that load an addon through a package which looks for it. */
  readonly addonUsers: ReadonlySet<string>;
  /** The imports of these files that lead nowhere. */
  readonly failed: readonly ExternalImport[];
}

export interface ExternalSearchScope {
  readonly projectDirectory: string;
  readonly target: BundleTarget;
  /** Returns true for an absolute path that must be neither followed nor included. */
  readonly ignores: (file: string) => boolean;
}

/**
 * Searches for the files behind external imports. It traces the imports, adds what the findings of
 * the traced files call for, and traces again, until nothing new turns up. A trace does not see
 * what a package reads or loads by a computed name, but a scan of the package's files finds that it
 * does so.
 */
export class ExternalSearch {
  readonly #scope: ExternalSearchScope;
  readonly #session: BundleSession;
  readonly #files = new Set<string>();
  readonly #named = new Set<string>();
  readonly #edges = new Map<string, Set<string>>();
  /** Package directory → the findings of its files. */
  readonly #findings = new Map<string, Set<Finding>>();
  /** Package directory → the findings for which the package was completed. */
  readonly #completed = new Map<string, string>();
  /** Directories of the packages of which a file loads the platform packages. */
  readonly #loadingPlatformPackages = new Set<string>();
  readonly #failed: ExternalImport[] = [];
  readonly #asked = new Set<string>();
  #pending: ExternalImport[] = [];

  constructor(scope: ExternalSearchScope, session: BundleSession) {
    this.#scope = scope;
    this.#session = session;
  }

  /** Follows imports until nothing new turns up. Imports that were followed before are skipped. */
  async follow(imports: readonly ExternalImport[]): Promise<void> {
    for (const one of imports) this.#ask(one);
    while (this.#pending.length > 0) {
      const pending = this.#pending;
      this.#pending = [];
      await this.#trace(pending);
      for (const directory of Array.from(this.#findings.keys())) this.#complete(directory);
    }
  }

  /**
   * Adds every file of the package that an import leads to. Of a workspace package these are the
   * files that it publishes: the others are the project's.
   */
  addWholePackageOf({ importer, specifier }: ExternalImport): void {
    const { packages } = this.#session;
    const found = packages.findFrom(path.dirname(importer), packageNameOf(specifier));
    if (found === undefined) return;
    if (found.installed) this.#addWhole(found);
    else this.#addFiles(found, publishedFiles(found));
  }

  result(): ExternalFiles {
    const { packages } = this.#session;
    const files = new Map<string, Set<string>>();
    for (const file of [...this.#files].toSorted()) {
      const directory = packages.ownerOf(file)?.directory;
      if (directory === undefined) continue;
      const own = files.get(directory) ?? new Set([path.join(directory, 'package.json')]);
      files.set(directory, own.add(file));
    }
    for (const [directory, own] of files) {
      for (const file of this.#leftOutAndNamed(directory, own)) own.add(file);
    }
    const addonUsers = [...this.#findings].filter(([, findings]) => findings.has('native'));
    return {
      files,
      edges: this.#edges,
      named: this.#named,
      addonUsers: new Set(addonUsers.map(([directory]) => directory)),
      failed: this.#failed,
    };
  }

  /**
   * Returns the files that a complete package leaves out and that the code of this package names. A
   * package reads files of its own only when it names its own location.
   */
  #leftOutAndNamed(directory: string, files: ReadonlySet<string>): readonly string[] {
    const findings = this.#findings.get(directory);
    if (!readsOwnFiles.some((finding) => findings?.has(finding) === true)) return [];
    if (this.#session.packages.at(directory)?.installed !== true) return [];
    return this.#session.namedFiles
      .namedIn(directory, [...files].filter(isCode))
      .filter((file) => !this.#scope.ignores(file));
  }

  #ask(one: ExternalImport): void {
    const key = `${one.kind}\0${path.dirname(one.importer)}\0${one.specifier}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.#pending.push(one);
  }

  async #trace(imports: readonly ExternalImport[]): Promise<void> {
    const { projectDirectory, ignores } = this.#scope;
    const { packages, tracer } = this.#session;
    const trace = await tracer.trace({ imports, projectDirectory, ignores });
    this.#failed.push(...trace.failed);
    for (const file of trace.files) {
      const owner = packages.ownerOf(file);
      if (owner === undefined || !isInside(file, owner.directory)) continue;
      this.#named.add(file);
      this.#add(owner, file);
      for (const parent of trace.parents.get(file) ?? []) {
        this.#link(packages.ownerOf(parent), owner);
      }
    }
  }

  #add(owner: Package, file: string): void {
    if (this.#files.has(file) || this.#scope.ignores(file)) return;
    this.#files.add(file);
    const findings = this.#findings.get(owner.directory) ?? new Set();
    this.#findings.set(owner.directory, findings);
    for (const finding of this.#session.scans.findingsIn(file)) findings.add(finding);
    for (const directory of this.#session.scans.directoriesIn(file)) {
      this.#askForModules(file, directory);
    }
    if (this.#session.platformPackages.areLoadedBy(file, owner)) {
      this.#loadingPlatformPackages.add(owner.directory);
    }
  }

  /** Asks for every module of a directory beside a file. */
  #askForModules(importer: string, directory: string): void {
    const at = path.resolve(path.dirname(importer), directory);
    if (!existsSync(at)) return;
    for (const module of packageFiles(at).filter(isCode)) {
      const relative = path.relative(at, module).replaceAll(path.sep, '/');
      this.#ask({ importer, specifier: directory + relative, kind: 'require' });
    }
  }

  #link(from: Package | undefined, to: Package): void {
    if (from === undefined || from.directory === to.directory) return;
    const edges = this.#edges.get(from.directory) ?? new Set();
    this.#edges.set(from.directory, edges.add(to.directory));
  }

  /** Adds the files and imports that the findings of a package call for. */
  #complete(directory: string): void {
    const owner = this.#session.packages.at(directory);
    const findings = this.#findings.get(directory);
    if (owner === undefined || findings === undefined || !owner.installed) return;
    const loadsPlatformPackages =
      isPlatformPackage(owner) || this.#loadingPlatformPackages.has(directory);
    const state = [...findings].toSorted().join() + String(loadsPlatformPackages);
    if (this.#completed.get(directory) === state) return;
    this.#completed.set(directory, state);
    if (loadsPlatformPackages) this.#addPlatformPackages(owner);
    if (findings.has('own-modules') || findings.has('own-directory')) {
      this.#addWhole(owner);
    } else if (findings.has('own-files') || findings.has('native')) {
      this.#addFiles(
        owner,
        packageFiles(directory).filter((file) => !isCode(file)),
      );
    }
    if (loadsDeclared.some((finding) => findings.has(finding))) this.#addDeclared(owner);
  }

  #addFiles(owner: Package, files: readonly string[]): void {
    for (const file of files) this.#add(owner, file);
  }

  /** Adds every file of a package, and the declared dependencies that its modules name. */
  #addWhole(owner: Package): void {
    const files = packageFiles(owner.directory);
    this.#addFiles(owner, files);
    const declared = new Set(declaredNames(owner));
    for (const file of files.filter(isCode)) {
      for (const specifier of new Set(bareSpecifiers(readFileSync(file, 'latin1')))) {
        if (declared.has(packageNameOf(specifier))) this.#addNamed(owner, specifier);
      }
    }
  }

  /**
   * Adds the optional packages for the target machine with all their files, because these packages
   * contain binaries that are found by name.
   */
  #addPlatformPackages(owner: Package): void {
    const installed = this.#session.platformPackages.of(owner);
    const fitting = installed.filter((found) => fitsTarget(found, this.#scope.target));
    for (const found of fitting.length > 0 ? fitting : installed.filter(isWebAssembly)) {
      this.#link(owner, found);
      this.#addFiles(found, packageFiles(found.directory));
    }
  }

  /**
   * Adds every declared dependency of a package, because a package that loads modules by a name
   * from elsewhere may load any of them.
   */
  #addDeclared(owner: Package): void {
    const names = declaredNames(owner).filter((name) => !name.startsWith('@types/'));
    for (const name of names) this.#addNamed(owner, name);
  }

  #addNamed(owner: Package, specifier: string): void {
    const found = this.#session.packages.findFrom(owner.directory, packageNameOf(specifier));
    if (found === undefined || isPlatformPackage(found)) return;
    this.#link(owner, found);
    const importer = path.join(owner.directory, 'package.json');
    this.#ask({ importer, specifier, kind: 'require' });
    this.#ask({ importer, specifier, kind: 'import' });
  }
}

/**
 * Returns the specifiers of packages that a text imports or requires by a literal. The text is
 * searched without a syntax tree, because a specifier too many does no harm here.
 */
function bareSpecifiers(text: string): readonly string[] {
  const loads = /(?:\bfrom|\bimport|\b(?:require|import)\s*\()\s*["']([^"'./\s:][^"'\s:]*)["']/g;
  return [...text.matchAll(loads)].map(([, specifier = '']) => specifier);
}

const loadsDeclared: readonly Finding[] = ['own-modules', 'named-modules', 'hidden-modules'];
const readsOwnFiles: readonly Finding[] = ['own-files', 'own-directory', 'own-modules'];

function isInside(file: string, directory: string): boolean {
  return file.startsWith(directory + path.sep);
}
