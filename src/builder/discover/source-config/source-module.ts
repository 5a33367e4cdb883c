import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createPathsMatcher, getTsconfig } from 'get-tsconfig';
import type { ParseResult, ParserOptions, Program, Statement } from 'oxc-parser';
import { bindingsOf, type Binding } from './bindings.ts';
import { SourceError, type Span } from './source-error.ts';

/** One parsed file. */
export interface SourceModule {
  readonly file: string;
  readonly source: string;
  readonly program: Program;
  readonly isEsm: boolean;
  readonly bindings: ReadonlyMap<string, Binding>;
}

export type ParseSync = (file: string, source: string, options?: ParserOptions) => ParseResult;

/** Tried in this order for `./x`; `.js` also finds the TypeScript file it will be compiled from. */
const tryExtensions = [
  '',
  '.ts',
  '.mts',
  '.cts',
  '.tsx',
  '.js',
  '.mjs',
  '.cjs',
  '.json',
  '/index.ts',
  '/index.mts',
  '/index.js',
  '/index.mjs',
  '/index.cjs',
];

const fatal: ReadonlySet<string> = new Set(['Error']);

/** Parses entries, and the local files that their configuration leads to; each file once. */
export class ModuleLoader {
  readonly #parseSync: ParseSync;
  readonly #modules = new Map<string, SourceModule>();

  constructor(parseSync: ParseSync) {
    this.#parseSync = parseSync;
  }

  /** @throws {SourceError} On a syntax error */
  parse(file: string, source: string): SourceModule {
    const known = this.#modules.get(file);
    if (known !== undefined) return known;
    const program = file.endsWith('.json')
      ? this.#parseJson(file, source)
      : this.#parseProgram(file, source);
    const module: SourceModule = {
      file,
      source,
      program,
      isEsm: program.body.some((statement) => isModuleSyntax(statement)),
      bindings: bindingsOf(program),
    };
    this.#modules.set(file, module);
    return module;
  }

  /**
   * The local file that a specifier names, relative or by the `paths` of the nearest tsconfig.json;
   * undefined when it names a package or nothing.
   *
   * @throws {SourceError} On a syntax error in it
   */
  follow(from: SourceModule, specifier: string): SourceModule | undefined {
    const bases = /^\.\.?(?:\/|$)/.test(specifier)
      ? [path.resolve(path.dirname(from.file), specifier)]
      : mappedPaths(from.file, specifier);
    const file = bases
      .flatMap((base) => candidatesOf(base))
      .find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true);
    return file === undefined
      ? undefined
      : this.parse(file, withoutMark(readFileSync(file, 'utf8')));
  }

  #parseProgram(file: string, source: string): Program {
    const attempts: (ParserOptions | undefined)[] = [undefined];
    // A `.js` or `.ts` file without import or export may still be a module (top-level await) or CommonJS (top-level return).
    if (/\.[jt]sx?$/.test(file)) {
      attempts.push({ sourceType: 'module' }, { sourceType: 'commonjs' });
    }
    let firstResult: ParseResult | undefined;
    for (const options of attempts) {
      const result = this.#parseSync(file, source, options);
      if (!result.errors.some(({ severity }) => fatal.has(severity))) return result.program;
      firstResult ??= result;
    }
    const error = firstResult?.errors.find(({ severity }) => fatal.has(severity));
    const [label] = error?.labels ?? [];
    throw new SourceError(
      'SYNTAX_ERROR',
      `Syntax error: ${(error?.message ?? 'this cannot be parsed').replace(/\.$/, '')}.`,
      { file, source, start: label?.start ?? 0, end: label?.end ?? 1 },
      error?.helpMessage ?? undefined,
    );
  }

  /**
   * JSON is an expression; wrapped, it becomes a module with a default export. Positions stay those
   * of the file.
   */
  #parseJson(file: string, source: string): Program {
    const result = this.#parseSync(`${file}.mjs`, `export default (\n${source}\n)`);
    if (result.errors.length > 0) {
      throw new SourceError('SYNTAX_ERROR', `${path.basename(file)} is not valid JSON.`, {
        file,
        source,
        start: 0,
        end: 1,
      });
    }
    return result.program;
  }
}

/**
 * Where the `paths` and `baseUrl` of a file's tsconfig.json lead a bare specifier, in the order
 * they are tried.
 */
function mappedPaths(file: string, specifier: string): readonly string[] {
  try {
    const tsconfig = getTsconfig(file);
    return (tsconfig === null ? null : createPathsMatcher(tsconfig))?.(specifier) ?? [];
  } catch {
    // The bundler says what is wrong with a tsconfig.json.
    return [];
  }
}

/** The files a path without a certain extension can stand for, in the order they are tried. */
function candidatesOf(base: string): string[] {
  const compiled = /\.[cm]?js$/.test(base)
    ? [base, base.replace(/js$/, 'ts'), base.replace(/js$/, 'tsx')]
    : [];
  return [...compiled, ...tryExtensions.map((extension) => base + extension)];
}

/** The text of a file without the byte order mark that some editors put in front. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** @returns Where a node stands */
export function spanOf(
  module: SourceModule,
  node: { readonly start: number; readonly end: number },
): Span {
  const { file, source } = module;
  // JSON was parsed behind a prefix; see `#parseJson`.
  const shift = file.endsWith('.json') ? 'export default (\n'.length : 0;
  return {
    file,
    source,
    start: Math.max(0, node.start - shift),
    end: Math.max(1, node.end - shift),
  };
}

function isModuleSyntax(statement: Statement): boolean {
  return (
    statement.type === 'ImportDeclaration' ||
    statement.type === 'ExportNamedDeclaration' ||
    statement.type === 'ExportDefaultDeclaration' ||
    statement.type === 'ExportAllDeclaration'
  );
}
