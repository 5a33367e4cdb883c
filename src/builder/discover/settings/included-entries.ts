import type { SourceLocation } from '../../../diagnostic/diagnostic.ts';
import type { SettingsSource } from '../../config/check-settings.ts';

/** An entry of `includedFiles`, and where it is written. */
export interface IncludedEntry {
  /** As it is in `bundling.includedFiles`. */
  readonly entry: string;
  readonly written: string;
  /** The absolute directory that the written entry is relative to; undefined: the project. */
  readonly writtenIn: string | undefined;
  /** The name of the setting in netlify.toml or in the function's own source. */
  readonly setting: 'included_files' | 'includedFiles';
  readonly location: SourceLocation | undefined;
}

/**
 * Returns the entries of `includedFiles` that a site's author wrote, with the place of each.
 *
 * @param ruleSources The rules of netlify.toml, which several functions may share
 * @param ownSources The settings in the function's own source
 */
export function includedEntriesOf(
  ruleSources: readonly SettingsSource[],
  ownSources: readonly SettingsSource[],
): readonly IncludedEntry[] {
  return [
    ...ruleSources.flatMap((source) => entriesOf(source, 'included_files')),
    ...ownSources.flatMap((source) => entriesOf(source, 'includedFiles')),
  ];
}

function entriesOf(source: SettingsSource, setting: IncludedEntry['setting']): IncludedEntry[] {
  const { settings, writtenGlobs, locate } = source;
  return (settings.includedFiles ?? []).map((entry, index) => ({
    entry,
    written: writtenGlobs?.globs[index] ?? entry,
    writtenIn: writtenGlobs?.directory,
    setting,
    location: locate(['includedFiles', index]),
  }));
}
