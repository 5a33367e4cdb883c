import path from 'node:path';

/**
 * Globs that were written relative to `from`, relative to `to`; both absolute. A leading `!` and
 * absolute globs stay.
 */
export function rebaseGlobs(globs: readonly string[], from: string, to: string): string[] {
  const base = path.relative(to, from).split(path.sep).join('/');
  const escaped = base.replaceAll(/[\\$^*+?()[\]{}!|@]/g, String.raw`\$&`);
  const rebase = (glob: string): string =>
    glob.startsWith('/') ? glob : path.posix.join(escaped, glob);
  return globs.map((glob) => (glob.startsWith('!') ? `!${rebase(glob.slice(1))}` : rebase(glob)));
}
