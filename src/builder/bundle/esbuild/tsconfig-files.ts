import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Lists the tsconfig.json files that esbuild reads for these files, and the files that they extend
 * by path. Absolute, sorted.
 */
export function tsconfigFiles(files: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const add = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    extendedBy(file).forEach(add);
  };
  for (const directory of new Set(files.map((file) => path.dirname(file)))) {
    const nearest = nearestTsconfig(directory);
    if (nearest !== undefined) add(nearest);
  }
  return [...found].toSorted();
}

function nearestTsconfig(directory: string): string | undefined {
  const file = path.join(directory, 'tsconfig.json');
  if (existsSync(file)) return file;
  const parent = path.dirname(directory);
  return parent === directory ? undefined : nearestTsconfig(parent);
}

/** Returns the files that a tsconfig.json extends by path; it may extend one or several. */
function extendedBy(file: string): readonly string[] {
  const bases = /"extends"\s*:\s*("[^"]*"|\[[^\]]*\])/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  return [...bases.matchAll(/"(\.[^"]+)"/g)].flatMap(([, base = '']) => {
    const target = path.resolve(path.dirname(file), base);
    const candidates = [target, `${target}.json`, path.join(target, 'tsconfig.json')];
    return candidates.filter((one) => one.endsWith('.json') && existsSync(one)).slice(0, 1);
  });
}
