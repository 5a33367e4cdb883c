import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Diagnostic, SourceLocation } from '../../../diagnostic/diagnostic.ts';
import { messageOf, systemErrorCode } from '../../../diagnostic/system-error.ts';
import { checkSettings, type SettingsSource } from '../../config/check-settings.ts';
import { settingKeys } from '../../config/function-settings.ts';
import type { ProjectConfig } from '../../config/project-config.ts';
import type { Entry } from '../scan/entry.ts';
import { rebaseGlobs } from './rebase-globs.ts';

export interface GeneratedSettings {
  readonly source?: SettingsSource;
  readonly diagnostics: readonly Diagnostic[];
}

const fileSchema = z.object({
  version: z.literal(1),
  config: z.looseObject({ includedFilesBasePath: z.string().optional() }),
});
/** Netlify's own switches in these files, which change nothing here. */
const ignoredKeys: ReadonlySet<string> = new Set([
  'includedFilesBasePath',
  'nodeModuleFormat',
  'nodeSourcemap',
  'rustTargetDirectory',
  'zipGo',
]);

/**
 * The settings that a framework writes beside a function it generated: `<main file>.json` with
 * `version: 1`, as Netlify reads them in `.netlify/functions-internal`. Stronger than netlify.toml,
 * weaker than the source.
 *
 * @returns Undefined when the function was not generated or there is no such file
 */
export async function readGeneratedSettings(
  entry: Entry,
  config: ProjectConfig,
): Promise<GeneratedSettings | undefined> {
  if (!config.generatedFunctionsDirectories.includes(entry.functionsDirectory)) return undefined;
  const { dir, name } = path.parse(entry.mainFile);
  const file = path.join(dir, `${name}.json`);
  const location: SourceLocation = { file, line: 1, column: 1 };
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    const message = `The settings of the generated function "${entry.name}" cannot be read: ${messageOf(error)}.`;
    return {
      diagnostics: [
        {
          severity: 'error',
          code: 'CONFIG_UNREADABLE',
          message,
          hint: 'Run the framework’s build again.',
          location,
        },
      ],
    };
  }
  const parsed = fileSchema.safeParse(content);
  // A JSON file of another kind that happens to have the name.
  if (!parsed.success) return undefined;
  const values = Object.fromEntries(
    Object.entries(parsed.data.config).filter(([key]) => !ignoredKeys.has(key)),
  );
  const { source, diagnostics } = checkSettings({
    values,
    label: path.basename(file),
    locate: () => location,
    allowed: settingKeys,
    spell: (key) => key,
  });
  const { includedFiles, ...settings } = source.settings;
  const base = parsed.data.config.includedFilesBasePath ?? config.projectDirectory;
  const rebased =
    includedFiles === undefined
      ? {}
      : { includedFiles: rebaseGlobs(includedFiles, base, config.projectDirectory) };
  return { source: { ...source, settings: { ...settings, ...rebased } }, diagnostics };
}
