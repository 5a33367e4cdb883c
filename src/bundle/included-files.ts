import path from 'node:path';
import fastGlob from 'fast-glob';
import type { FunctionSpec } from '../discover/function-spec.ts';
import type { BundleFile } from './bundle.ts';
import { artifactPathOf } from './first-party.ts';

/** What goes into a Go artifact: the executable, and what the author names in `includedFiles` at its path in the project. Sorted by path. */
export async function withIncludedFiles(executable: BundleFile, spec: FunctionSpec, projectDirectory: string): Promise<{ readonly files: readonly BundleFile[]; readonly included: readonly string[] }> {
  const included = await includedFiles(spec.bundling.includedFiles, spec.bundling.includedFilesBase);
  const copied = included.map((file): BundleFile => ({ path: artifactPathOf(file, projectDirectory), mode: 0o644, content: { copyFrom: file } }));
  const others = copied.filter((file) => file.path !== executable.path);
  return { files: [executable, ...others].toSorted((a, b) => (a.path < b.path ? -1 : 1)), included };
}

/** The files an author names in `includedFiles`, absolute and sorted; `!` excludes. */
export async function includedFiles(patterns: readonly string[], base: string): Promise<readonly string[]> {
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map((pattern) => relativePattern(pattern, base));
  if (wanted.length === 0) return [];
  const ignore = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => relativePattern(pattern.slice(1), base));
  const files = await fastGlob([...wanted], { cwd: base, ignore: [...ignore], absolute: true, dot: true, onlyFiles: true, followSymbolicLinks: true });
  return files.map((file) => path.normalize(file)).toSorted();
}

function relativePattern(pattern: string, base: string): string {
  const relative = path.isAbsolute(pattern) ? path.relative(base, pattern) : pattern;
  return relative.replace(/^\.\//, '');
}
