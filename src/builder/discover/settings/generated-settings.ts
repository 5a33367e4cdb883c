import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Diagnostic, SourceLocation } from '../../../diagnostic/diagnostic.ts';
import { messageOf, systemErrorCode } from '../../../diagnostic/system-error.ts';
import { checkSettings } from '../../config/check-settings.ts';
import { settingKeys } from '../../config/function-settings.ts';
import type { ProjectConfig } from '../../config/project-config.ts';
import type { Entry } from '../scan/entry.ts';
import { rebaseIncludedFiles } from './rebase-globs.ts';
import { noSettings, type FoundSettings } from './setting-finding.ts';

const fileSchema = z.object({
  version: z.literal(1),
  config: z.looseObject({ includedFilesBasePath: z.string().optional() }),
});
/** Keys of the files that only Netlify's own tools act on. */
const ignoredKeys: ReadonlySet<string> = new Set([
  'includedFilesBasePath',
  'nodeModuleFormat',
  'nodeSourcemap',
  'rustTargetDirectory',
  'zipGo',
]);

/**
 * Reads the settings that a framework writes beside a function that it generated: `<main
 * file>.json` with `version: 1`, which Netlify reads in `.netlify/functions-internal`. They are
 * stronger than netlify.toml and weaker than the source. Returns no settings when the function was
 * not generated or the file does not exist.
 */
export async function readGeneratedSettings(
  entry: Entry,
  config: ProjectConfig,
): Promise<FoundSettings> {
  if (!config.generatedFunctionsDirectories.includes(entry.functionsDirectory)) return noSettings;
  const { dir, name } = path.parse(entry.mainFile);
  const file = path.join(dir, `${name}.json`);
  const location: SourceLocation = { file, line: 1, column: 1 };
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return noSettings;
    return { sources: [], diagnostics: [unreadable(entry, error, location)] };
  }
  const parsed = fileSchema.safeParse(content);
  // The file is a JSON file of another kind that happens to have this name.
  if (!parsed.success) return noSettings;
  const { source, diagnostics } = checkSettings({
    values: Object.fromEntries(
      Object.entries(parsed.data.config).filter(([key]) => !ignoredKeys.has(key)),
    ),
    label: path.basename(file),
    locate: () => location,
    allowed: settingKeys,
    spell: (key) => key,
  });
  const globsStartAt = parsed.data.config.includedFilesBasePath ?? config.siteDirectory;
  const settings = rebaseIncludedFiles(source.settings, globsStartAt, config.siteDirectory);
  return { sources: [{ ...source, settings }], diagnostics };
}

function unreadable({ name }: Entry, error: unknown, location: SourceLocation): Diagnostic {
  return {
    severity: 'error',
    code: 'CONFIG_UNREADABLE',
    message: `The settings of the generated function "${name}" cannot be read: ${messageOf(error)}.`,
    hint: 'Run the framework’s build again.',
    location,
  };
}
