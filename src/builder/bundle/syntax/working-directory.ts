/** `path.join(process.cwd(), 'config')`, `process.cwd() + '/config'` */
const joined = /\bcwd\(\)\s*[,+]\s*["'`]\/?(?:\.\/)?([\w@.-]+(?:\/[\w@.-]+)*)/g;
/** `path.resolve('views')`, which starts from the working directory. A promise has no path. */
const resolved =
  /(?:\bpath\w*\.resolve|(?<![\w$.])(?:pathR|r)esolve)\(\s*["'`](?:\.\/)?([\w@.-]+(?:\/[\w@.-]+)*)["'`]\s*\)/gi;

/**
 * Returns the paths that a text looks for in the working directory: names of a configuration or of
 * templates that a package finds by itself. The text is searched without a syntax tree.
 */
export function workingDirectoryPaths(text: string): readonly string[] {
  if (!text.includes('cwd()') && !/esolve\(\s*["'`]/.test(text)) return [];
  return [...text.matchAll(joined), ...text.matchAll(resolved)].map(([, name = '']) => name);
}
