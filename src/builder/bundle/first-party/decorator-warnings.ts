import { readFileSync } from 'node:fs';
import { getTsconfig } from 'get-tsconfig';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { locate } from '../../../diagnostic/locate.ts';

/**
 * Warns of decorators in a project whose tsconfig.json asks for decorator metadata. esbuild writes
 * no metadata, so code that reads metadata at run time finds none.
 */
export function decoratorWarnings(
  files: readonly string[],
  functionName: string,
): readonly Diagnostic[] {
  return files
    .filter((file) => /\.[cm]?tsx?$/.test(file))
    .flatMap((file): readonly Diagnostic[] => {
      const source = readFileSync(file, 'utf8');
      const decorator = /^[ \t]*@[A-Za-z_$][\w$.]*[ \t]*(?:\(|$)/m.exec(source);
      if (decorator === null || !asksForMetadata(file)) return [];
      return [
        {
          severity: 'warning',
          code: 'DECORATOR_METADATA',
          message:
            'tsconfig.json asks for emitDecoratorMetadata, which the bundler does not write: ' +
            'what this decorator reads through Reflect.getMetadata will be undefined.',
          hint:
            'Give the types to the decorator in so many words, or compile with tsc first and ' +
            'point the function at its output.',
          location: locate(file, source, decorator.index + decorator[0].indexOf('@')),
          functionName,
        },
      ];
    });
}

function asksForMetadata(file: string): boolean {
  return getTsconfig(file)?.config.compilerOptions?.emitDecoratorMetadata === true;
}
