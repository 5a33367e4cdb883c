import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { installedRoot } from './installed-root.ts';
import { readPackageJson, type Package } from './package.ts';

/**
 * Finds the packages that files belong to. Each package.json is read once, and each answer is
 * remembered for as long as the index lives.
 */
export class PackageIndex {
  readonly #byDirectory = new Map<string, Package | undefined>();
  readonly #byFile = new Map<string, Package | undefined>();

  /**
   * Returns the package that a file belongs to. An installed file belongs to the package right
   * below node_modules: a package.json deeper inside, as dual packages have it to set "type", makes
   * no package of its own. For a first-party file the nearest package.json above decides.
   */
  ownerOf(file: string): Package | undefined {
    const known = this.#byFile.get(file);
    if (known !== undefined || this.#byFile.has(file)) return known;
    const root = installedRoot(file);
    const installed = root === undefined ? undefined : this.#read(root, true);
    const owner = installed ?? this.#nearest(path.dirname(file));
    this.#byFile.set(file, owner);
    return owner;
  }

  /** Returns the package in exactly this directory; undefined when it has no readable package.json. */
  at(directory: string): Package | undefined {
    return this.#read(directory, installedRoot(path.join(directory, 'package.json')) !== undefined);
  }

  /**
   * Returns the package that Node finds under a name from a directory, by its real path; undefined
   * when no such package is installed. The search is repeated with each call.
   */
  findFrom(fromDirectory: string, name: string): Package | undefined {
    for (let at = fromDirectory; ; at = path.dirname(at)) {
      if (path.basename(at) !== 'node_modules') {
        const candidate = path.join(at, 'node_modules', name);
        if (existsSync(path.join(candidate, 'package.json'))) {
          return this.at(realpathSync(candidate));
        }
      }
      if (path.dirname(at) === at) return undefined;
    }
  }

  /** Whether Node takes a file for an ES module: by its extension, else by the nearest package.json. */
  isModule(file: string): boolean {
    if (!file.endsWith('.js')) return file.endsWith('.mjs');
    for (let at = path.dirname(file); ; at = path.dirname(at)) {
      const found = this.at(at);
      if (found !== undefined) return found.json.type === 'module';
      if (path.dirname(at) === at) return false;
    }
  }

  #nearest(directory: string): Package | undefined {
    const found = this.#read(directory, false);
    if (found !== undefined) return found;
    const parent = path.dirname(directory);
    return parent === directory ? undefined : this.#nearest(parent);
  }

  #read(directory: string, installed: boolean): Package | undefined {
    if (this.#byDirectory.has(directory)) return this.#byDirectory.get(directory);
    const json = readPackageJson(path.join(directory, 'package.json'));
    const found = json === undefined ? undefined : { directory, json, installed };
    this.#byDirectory.set(directory, found);
    return found;
  }
}
