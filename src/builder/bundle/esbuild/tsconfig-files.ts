import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Lists the tsconfig.json files that esbuild reads for these files, and the files that they extend
 * by path. Absolute, sorted.
 */
export function tsconfigFiles(files: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const directory of new Set(files.map((file) => path.dirname(file)))) {
    let file = nearestTsconfig(directory);
    while (file !== undefined && !found.has(file)) {
      found.add(file);
      file = extendedBy(file);
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
