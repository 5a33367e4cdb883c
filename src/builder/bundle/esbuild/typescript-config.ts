import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getTsconfig } from 'get-tsconfig';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';

/**
 * The tsconfig.json files that esbuild reads for these files, with those they extend by path.
 * Absolute.
 */
export function tsconfigFiles(files: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const directory of new Set(files.map((file) => path.dirname(file)))) {
    for (
      let file = nearestTsconfig(directory);
      file !== undefined && !found.has(file);
      file = extendedBy(file)
    ) {
      found.add(file);
    }
  }
  return [...found].toSorted();
}

function nearestTsconfig(directory: string): string | undefined {
  const file = path.join(directory, 'tsconfig.json');
  if (existsSync(file)) return file;
  const parent = path.dirname(directory);
  return parent === directory ? undefined : nearestTsconfig(parent);
}

function extendedBy(file: string): string | undefined {
  const base = /"extends"\s*:\s*"(\.[^"]+)"/.exec(readFileSync(file, 'utf8'))?.[1];
  if (base === undefined) return undefined;
  const target = path.resolve(path.dirname(file), base);
  return [target, `${target}.json`, path.join(target, 'tsconfig.json')].find(
    (candidate) => candidate.endsWith('.json') && existsSync(candidate),
  );
}

/**
 * Esbuild drops decorator metadata: where the project's tsconfig asks for it, what reads it at run
 * time finds nothing.
 */
export function decoratorWarnings(
  files: readonly string[],
  functionName: string,
): readonly Diagnostic[] {
  return files.flatMap((file): readonly Diagnostic[] => {
    if (!/\.[cm]?tsx?$/.test(file)) return [];
    const source = readFileSync(file, 'utf8');
    const decorator = /^[ \t]*@[A-Za-z_$][\w$.]*[ \t]*(?:\(|$)/m.exec(source);
    if (
      decorator === null ||
      getTsconfig(file)?.config.compilerOptions?.emitDecoratorMetadata !== true
    ) {
      return [];
    }
    const before = source.slice(0, decorator.index + decorator[0].indexOf('@'));
    return [
      {
        severity: 'warning',
        code: 'DECORATOR_METADATA',
        message:
          'tsconfig.json asks for emitDecoratorMetadata, which the bundler does not write: what this decorator reads through Reflect.getMetadata will be undefined.',
        hint: 'Give the types to the decorator in so many words, or compile with tsc first and point the function at its output.',
        location: {
          file,
          line: before.split('\n').length,
          column: before.length - before.lastIndexOf('\n'),
        },
        functionName,
      },
    ];
  });
}
