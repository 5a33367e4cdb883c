import path from 'node:path';
import type { TextEdit } from '../edits/location-rewrite.ts';
import type { LoadPattern } from './load-patterns.ts';
import type { PatternFile } from './pattern-files.ts';

/** A pattern with the files that it can mean. */
export interface MatchedPattern {
  readonly pattern: LoadPattern;
  readonly files: readonly PatternFile[];
}

/**
 * Replaces `require(<path>)` with a search for the path among the files that it can mean:
 * `__bgfnLoad(<path>, <directory>, [[() => require('./a.js'), 'a.js', 'a']], …)`. The banner
 * (esbuild/banner.ts) declares `__bgfnLoad`. A path that is not among them is loaded as written,
 * because the author may have included such a file. The edits leave the path itself and the number
 * of lines alone.
 */
export function patternEdits(
  source: string,
  { pattern, files }: MatchedPattern,
  artifactPath: string,
): readonly TextEdit[] {
  const { call, argument, options, how } = pattern;
  const attributes = options === undefined ? '' : `, ${source.slice(options.start, options.end)}`;
  const modules = [...filesByName(files)].map(([file, names]) => {
    const extra = file.endsWith('.json') ? attributes : '';
    const load = `() => ${how}(${JSON.stringify(file)}${extra})`;
    return `[${[load, ...names.map((name) => JSON.stringify(name))].join(', ')}]`;
  });
  const directory = JSON.stringify(encodeURI(path.posix.dirname(artifactPath)));
  const rest = `, ${directory}, [${modules.join(', ')}], (file) => ${how}(file)`;
  return [
    { start: call.start, end: argument.start, text: '__bgfnLoad(' },
    { start: argument.end, end: call.end, text: `${rest.replaceAll('\n', ' ')})` },
  ];
}

/** The order in which Node tries extensions. */
const order = ['.js', '.json', '.node'];

/**
 * Gives each name to one file, as Node decides: to the file that is called so, else by Node's order
 * of extensions, else to the `index` of a directory. Returns the files with their names.
 */
function filesByName(files: readonly PatternFile[]): ReadonlyMap<string, readonly string[]> {
  const sorted = files.toSorted((a, b) => rank(a.path) - rank(b.path));
  const owners = new Map<string, string>();
  for (const level of [0, 1, 2, 3] as const) {
    for (const { path: file, names } of sorted) {
      if (!owners.has(names[level])) owners.set(names[level], file);
    }
  }
  const namesOf = new Map<string, string[]>();
  for (const [name, file] of owners) namesOf.set(file, [...(namesOf.get(file) ?? []), name]);
  return namesOf;
}

function rank(file: string): number {
  const index = order.indexOf(path.posix.extname(file));
  return index === -1 ? order.length : index;
}
