import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { installedRoot } from '../../packages/installed-root.ts';
import { absoluteIn } from '../metafile/metafile-path.ts';

/**
 * Finds packages that are `require`d. Of a package with a `module` field and no `main`, esbuild
 * takes the ES module for an `import`, unless the package is also `require`d anywhere in the same
 * call.
 */
export class RequiredPackages {
  readonly #required: ReadonlySet<string>;
  readonly #projectDirectory: string;
  readonly #twoEntries = new Map<string, boolean>();

  constructor(metafile: Metafile, projectDirectory: string) {
    this.#projectDirectory = projectDirectory;
    this.#required = this.#loaded(metafile, 'require-call');
  }

  /**
   * Whether other functions of the call decide which file of a package this function imports.
   *
   * @param metafile The share of the function
   */
  decideFor(metafile: Metafile): boolean {
    if (this.#required.size === 0) return false;
    const own = this.#loaded(metafile, 'require-call');
    const imported = [
      ...this.#loaded(metafile, 'import-statement'),
      ...this.#loaded(metafile, 'dynamic-import'),
    ];
    return imported.some(
      (root) => this.#required.has(root) && !own.has(root) && this.#hasTwoEntries(root),
    );
  }

  /** Returns the directories of the packages that are loaded by name in this way. */
  #loaded({ inputs }: Metafile, how: string): ReadonlySet<string> {
    const absolute = absoluteIn(this.#projectDirectory);
    const files = new Set<string>();
    for (const { imports } of Object.values(inputs)) {
      for (const { kind, original, path: resolved, external } of imports) {
        if (kind !== how || external === true || original?.startsWith('.') !== false) continue;
        files.add(resolved);
      }
    }
    const roots = [...files].map((file) => installedRoot(absolute(file)));
    return new Set(roots.filter((root) => root !== undefined));
  }

  #hasTwoEntries(root: string): boolean {
    let known = this.#twoEntries.get(root);
    if (known === undefined) {
      const fields: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
      known =
        typeof fields === 'object' && fields !== null && 'module' in fields && !('main' in fields);
      this.#twoEntries.set(root, known);
    }
    return known;
  }
}
