import { lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { absoluteIn } from './metafile-path.ts';

const extensions = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

/**
 * Lists the symbolic links through which esbuild reached files by relative imports, or reached the
 * function itself; absolute. esbuild names files by their real paths, so a link that gets another
 * target changes no file that is otherwise known.
 */
export function followedLinks(
  { inputs }: Metafile,
  mainFile: string,
  projectDirectory: string,
): readonly string[] {
  const absolute = absoluteIn(projectDirectory);
  const links = new Set(isReal(mainFile) ? [] : linksIn(mainFile));
  for (const [relative, { imports }] of Object.entries(inputs)) {
    // A file of a package is reached through a link in node_modules alone.
    if (relative.startsWith('bgfn:') || relative.includes('node_modules/')) continue;
    const directory = path.dirname(absolute(relative));
    for (const { original, path: imported, external } of imports) {
      if (external === true || original?.startsWith('.') !== true) continue;
      const written = path.resolve(directory, original);
      if (absolute(imported).startsWith(written.replace(/\.[cm]?[jt]sx?$/, ''))) continue;
      for (const link of linksIn(written)) links.add(link);
    }
  }
  return [...links];
}

function isReal(file: string): boolean {
  try {
    return realpathSync(file) === file;
  } catch {
    return true;
  }
}

/** The links among a path, the directories above it, and the files that an import can mean by it. */
function linksIn(written: string): string[] {
  const candidates = extensions.map((extension) => written + extension);
  for (let at = path.dirname(written); path.dirname(at) !== at; at = path.dirname(at)) {
    candidates.push(at);
  }
  return candidates.filter(
    (file) => lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true,
  );
}
