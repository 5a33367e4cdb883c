import path from 'node:path';
import type { FunctionSettings } from '../../config/function-settings.ts';

/** Makes the `includedFiles` of settings, which are relative to `from`, relative to `to`. */
export function rebaseIncludedFiles(
  settings: FunctionSettings,
  from: string,
  to: string,
): FunctionSettings {
  const { includedFiles } = settings;
  return includedFiles === undefined
    ? settings
    : { ...settings, includedFiles: rebaseGlobs(includedFiles, from, to) };
}

/**
 * Makes globs that are relative to `from` relative to `to`. Both are absolute directories. A
 * leading `!` stays, and absolute globs stay as they are.
 */
function rebaseGlobs(globs: readonly string[], from: string, to: string): string[] {
  const base = path.relative(to, from).split(path.sep).join('/');
  const escaped = base.replaceAll(/[\\$^*+?()[\]{}!|@]/g, String.raw`\$&`);
  const rebase = (glob: string): string =>
    glob.startsWith('/') ? glob : path.posix.join(escaped, glob);
  return globs.map((glob) => (glob.startsWith('!') ? `!${rebase(glob.slice(1))}` : rebase(glob)));
}
