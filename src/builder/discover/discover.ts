import { readFile } from 'node:fs/promises';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import type { ProjectConfig } from '../config/project-config.ts';
import { classify, type Classified } from './classify.ts';
import type { FunctionSpec } from './function-spec.ts';
import { findRouteConflicts } from './route-conflicts.ts';
import type { JavaScriptEntry } from './scan/entry.ts';
import { scan } from './scan/scan.ts';
import { readGeneratedSettings, type GeneratedSettings } from './settings/generated-settings.ts';
import { readSource } from './source-config/read-source.ts';
import { SourceError } from './source-config/source-error.ts';
import { ModuleLoader, withoutMark } from './source-config/source-module.ts';

/**
 * Scan and classify: what functions there are and every setting of each. Reads each entry once,
 * parses it once and runs nothing of it. A function with an error gives diagnostics instead of a
 * spec and does not hide the others.
 *
 * @returns Specs sorted by name; diagnostics of the functions (those of netlify.toml are in
 *   `config.warnings`)
 * @throws {BgfnError} Kind `config` when a functions directory cannot be read
 */
export async function discover(
  config: ProjectConfig,
): Promise<{ specs: readonly FunctionSpec[]; diagnostics: readonly Diagnostic[] }> {
  const { entries, diagnostics: scanned } = await scan(config.functionsDirectories);
  const diagnostics: Diagnostic[] = [...scanned];
  const specs: FunctionSpec[] = [];

  const sources = await readSources(entries.filter((entry) => entry.kind === 'javascript'));
  // The parser is a native module: a site of zips and Go never loads it.
  const loader =
    sources.size === 0 ? undefined : new ModuleLoader((await import('oxc-parser')).parseSync);
  const generated = new Map(
    await Promise.all(
      entries.map(async (entry) => [entry, await readGeneratedSettings(entry, config)] as const),
    ),
  );
  for (const entry of entries) {
    let classified: Classified;
    if (entry.kind === 'javascript' && loader !== undefined) {
      const source = sources.get(entry);
      classified =
        source instanceof Error || source === undefined
          ? unreadable(entry, source)
          : classifySource(entry, source, config, loader, generated.get(entry));
    } else {
      classified = classify(entry, undefined, config, generated.get(entry));
    }
    diagnostics.push(...classified.diagnostics);
    if (classified.spec !== undefined) specs.push(classified.spec);
  }
  return { specs, diagnostics: [...diagnostics, ...findRouteConflicts(specs)] };
}

function classifySource(
  entry: JavaScriptEntry,
  source: string,
  config: ProjectConfig,
  loader: ModuleLoader,
  generated: GeneratedSettings | undefined,
): Classified {
  try {
    return classify(
      entry,
      readSource(entry.mainFile, source, entry.name, loader),
      config,
      generated,
    );
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { diagnostics: [error.toDiagnostic(entry.name)] };
  }
}

async function readSources(
  entries: readonly JavaScriptEntry[],
): Promise<Map<JavaScriptEntry, string | Error>> {
  const read = await Promise.all(
    entries.map(async (entry): Promise<readonly [JavaScriptEntry, string | Error]> => {
      try {
        return [entry, withoutMark(await readFile(entry.mainFile, 'utf8'))];
      } catch (error) {
        return [entry, error instanceof Error ? error : new Error(messageOf(error))];
      }
    }),
  );
  return new Map(read);
}

function unreadable(entry: JavaScriptEntry, error: Error | undefined): Classified {
  return {
    diagnostics: [
      {
        severity: 'error',
        code: 'FUNCTION_UNREADABLE',
        message: `${entry.mainFile} cannot be read: ${error?.message ?? 'it is gone'}.`,
        hint: 'Check that it is a file you may read.',
        location: { file: entry.mainFile, line: 1, column: 1 },
        functionName: entry.name,
      },
    ],
  };
}
