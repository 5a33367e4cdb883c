import type { Metafile } from 'esbuild';
import { absoluteIn } from './metafile-path.ts';

/** An import from one bundled file to another. */
export interface ReachedImport {
  /** Absolute path of the importing file. */
  readonly importer: string;
  /** The specifier as written. */
  readonly specifier: string;
  readonly kind: 'import' | 'require';
  /** Absolute path of the imported file. */
  readonly resolved: string;
}

/** The code that a pass of esbuild put into its output. */
export interface ReachedCode {
  /** Files with at least one byte in the output; absolute, sorted. */
  readonly files: readonly string[];
  readonly imports: readonly ReachedImport[];
}

/** Reads the reached code from esbuild's metafile. Code that tree shaking removed is left out. */
export function reachedCode(metafile: Metafile, projectDirectory: string): ReachedCode {
  const used = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      if (bytesInOutput > 0 && !input.startsWith('bgfn:')) used.add(input);
    }
  }
  const absolute = absoluteIn(projectDirectory);
  const imports = Object.entries(metafile.inputs).flatMap(([input, { imports: all }]) => {
    if (input.startsWith('bgfn:')) return [];
    const importer = absolute(input);
    return (
      all
        .filter(({ original, external }) => original !== undefined && external !== true)
        // A module that only exports again what others export has no bytes of its own.
        .filter(({ path }) => !path.startsWith('bgfn:') && (used.has(input) || used.has(path)))
        .map(({ original = '', path: resolved, kind }) => ({
          importer,
          specifier: original,
          kind: kind.startsWith('require') ? ('require' as const) : ('import' as const),
          resolved: absolute(resolved),
        }))
    );
  });
  return { files: [...used].map(absolute).toSorted(), imports };
}
