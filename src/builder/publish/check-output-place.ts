import { realpathSync } from 'node:fs';
import path from 'node:path';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';

/**
 * Refuses an output directory that is, contains or lies in a functions directory: the next build
 * would take artifacts for prebuilt functions, and `--watch`, which ignores the output, would not
 * see the functions. Links are followed.
 *
 * @throws {BgfnError} `OUTPUT_AMONG_SOURCES`
 */
export function checkOutputPlace(
  outputDirectory: string,
  functionsDirectories: readonly string[],
): void {
  const output = realPath(outputDirectory);
  for (const directory of functionsDirectories) {
    const functions = realPath(directory);
    const relation = relationOf(output, functions);
    if (relation === undefined) continue;
    throw new BgfnError(
      'OUTPUT_AMONG_SOURCES',
      `The output directory ${outputDirectory} ${relation} the functions directory ${directory}.`,
      {
        kind: 'usage',
        hint: 'Choose another place for the artifacts: leave --out away for .netlify/functions.',
      },
    );
  }
}

function relationOf(output: string, functions: string): string | undefined {
  if (output === functions) return 'is';
  if (output.startsWith(withSeparator(functions))) return 'lies in';
  return functions.startsWith(withSeparator(output)) ? 'contains' : undefined;
}

function withSeparator(directory: string): string {
  return directory.endsWith(path.sep) ? directory : directory + path.sep;
}

/** The real path of a directory that need not exist: its existing part is resolved. */
function realPath(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    const parent = path.dirname(directory);
    if (parent === directory) return directory;
    return path.join(realPath(parent), path.basename(directory));
  }
}
