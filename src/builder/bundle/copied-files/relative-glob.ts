import path from 'node:path';

/** Makes a glob relative to a directory; `./` at its start is dropped. */
export function relativeGlob(glob: string, base: string): string {
  const trailing = glob.endsWith('/') ? '/' : '';
  const relative = path.isAbsolute(glob) ? path.relative(base, glob) + trailing : glob;
  return relative.replace(/^(?:\.\/)+/, '');
}
