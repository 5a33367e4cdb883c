import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ParseResult, ParserOptions, Program, Statement } from 'oxc-parser';
import { bindingsOf, type Binding } from './bindings.ts';
import { localFileOf } from './local-file.ts';
import { packageFileOf } from './package-file.ts';
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

/** A function is a small module. A larger file of a package is not parsed to find its settings. */
const maxPackageCharacters = 1024 * 1024;

const fatal: ReadonlySet<string> = new Set(['Error']);

/** Parses entries and the files that their configuration comes from. Each file is parsed once. */
export class ModuleLoader {
  readonly #parseSync: ParseSync;
  readonly #modules = new Map<string, SourceModule>();

  constructor(parseSync: ParseSync) {
    this.#parseSync = parseSync;
  }

  /** @throws {SourceError} `SYNTAX_ERROR` */
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
   * Parses the file that a specifier names: by a relative path, by the `paths` of the nearest
   * tsconfig.json, or by the name of an installed package. Returns undefined when the specifier
   * names no file, and for a file of a package that is too large or cannot be parsed.
   *
   * @throws {SourceError} `SYNTAX_ERROR`, in the local file
   */
  follow(from: SourceModule, specifier: string): SourceModule | undefined {
    const file = localFileOf(from.file, specifier);
    return file === undefined
      ? this.#followPackage(from, specifier)
      : this.parse(file, withoutMark(readFileSync(file, 'utf8')));
  }

  #followPackage(from: SourceModule, specifier: string): SourceModule | undefined {
    const file = packageFileOf(from.file, specifier, from.isEsm ? 'import' : 'require');
    if (file === undefined || !/\.(?:[cm]?[jt]sx?|json)$/.test(file)) return undefined;
    const source = readFileSync(file, 'utf8');
    if (source.length > maxPackageCharacters) return undefined;
    try {
      return this.parse(file, withoutMark(source));
    } catch (error) {
      if (error instanceof SourceError) return undefined;
      throw error;
    }
  }

  #parseProgram(file: string, source: string): Program {
    const attempts: (ParserOptions | undefined)[] = [undefined];
    // A `.js` or `.ts` file without import or export can still be a module (with a top-level await)
    // or CommonJS (with a top-level return).
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
   * Parses JSON as the default export of a module, because JSON is an expression. `spanOf`
   * subtracts the length of the text before the JSON from positions.
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

/** Removes the byte order mark that some editors write at the start of a file. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The place of a node in its file. */
export function spanOf(
  module: SourceModule,
  node: { readonly start: number; readonly end: number },
): Span {
  const { file, source } = module;
  // `#parseJson` parses JSON with this text in front.
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
