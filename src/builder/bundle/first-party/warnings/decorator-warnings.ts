import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { getTsconfig } from 'get-tsconfig';
import type { Diagnostic } from '../../../../diagnostic/diagnostic.ts';
import { locate } from '../../../../diagnostic/locate.ts';
import { existingFile } from '../../copied-files/existing-file.ts';
import { absoluteIn } from '../../esbuild/metafile/metafile-path.ts';
import { installedRoot } from '../../packages/installed-root.ts';
import { packageNameOf } from '../../packages/package-name.ts';
import { decoratedParts } from './decorated-parts.ts';

/** The keys of the metadata that TypeScript writes begin with this text. */
const metadataMark = Buffer.from('design:');

/** What a decorator looks like, at the start of a line or inside of one. A tag of JSDoc does not. */
const decorator = /(?:^[ \t]*|[;}(,][ \t]*|\{[ \t]+)@[A-Za-z_$]/m;

/** What the search for decorators without metadata looks at. */
export interface DecoratorScope {
  /** First-party files, absolute. */
  readonly files: readonly string[];
  /** Of the pass that bundled everything. */
  readonly metafile: Metafile;
  readonly projectDirectory: string;
  readonly functionName: string;
}

/**
 * Warns of decorators that read metadata about types, in a project whose tsconfig.json asks for
 * decorator metadata. esbuild writes no metadata, so they find none. One warning for each file.
 */
export function decoratorWarnings(scope: DecoratorScope): readonly Diagnostic[] {
  return scope.files
    .filter((file) => /\.[cm]?tsx?$/.test(file))
    .flatMap((file): readonly Diagnostic[] => {
      const source = readFileSync(file, 'utf8');
      if (!decorator.test(source) || !asksForMetadata(file)) return [];
      const { decorators, imported } = decoratedParts(file, source);
      const readers = new MetadataReaders(scope);
      const dependent = decorators.find(({ name }) => readers.has(imported.get(name)));
      return dependent === undefined
        ? []
        : [warningAt(file, source, dependent.start, scope.functionName)];
    });
}

function warningAt(file: string, source: string, start: number, functionName: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'DECORATOR_METADATA',
    message:
      'tsconfig.json asks for emitDecoratorMetadata, which the bundler does not write: ' +
      'what this decorator reads through Reflect.getMetadata will be undefined.',
    hint:
      'Give the types to the decorator in so many words, or compile with tsc first and ' +
      'point the function at its output.',
    location: locate(file, source, start),
    functionName,
  };
}

/** Finds out which decorators read metadata about types, by the code that they come from. */
class MetadataReaders {
  readonly #scope: DecoratorScope;
  readonly #reads = new Map<string, boolean>();

  constructor(scope: DecoratorScope) {
    this.#scope = scope;
  }

  /**
   * Whether the module that a decorator is imported from reads metadata. When a file of the package
   * has the decorator's name, that file and what it imports decide; otherwise the whole package
   * does. For decorators of the project itself, the project's files do.
   */
  has(imported: { readonly specifier: string; readonly name: string } | undefined): boolean {
    const { files, metafile, projectDirectory } = this.#scope;
    if (imported === undefined || imported.specifier.startsWith('.')) {
      return files.some((file) => this.#readsMetadata(file));
    }
    const ending = path.sep + path.join('node_modules', packageNameOf(imported.specifier));
    const absolute = absoluteIn(projectDirectory);
    const own = Object.entries(metafile.inputs)
      .map(([input, { imports }]) => ({ file: absolute(input), imports }))
      .filter(({ file }) => installedRoot(file)?.endsWith(ending) === true);
    // A package that is aliased or linked into the project is not found by its name.
    if (own.length === 0) return true;
    const named = own.filter(({ file }) => path.parse(file).name === imported.name);
    const deciding = new Set(named.length === 0 ? own.map(({ file }) => file) : []);
    for (const { file, imports } of named) {
      deciding.add(file);
      for (const one of imports) if (one.external !== true) deciding.add(absolute(one.path));
    }
    return [...deciding].some((file) => this.#readsMetadata(file));
  }

  #readsMetadata(file: string): boolean {
    const known = this.#reads.get(file);
    if (known !== undefined) return known;
    // The pass has modules that are no files: disabled ones, and those that bgfn generates.
    const answer = existingFile(file) !== undefined && readFileSync(file).includes(metadataMark);
    this.#reads.set(file, answer);
    return answer;
  }
}

function asksForMetadata(file: string): boolean {
  return getTsconfig(file)?.config.compilerOptions?.emitDecoratorMetadata === true;
}
