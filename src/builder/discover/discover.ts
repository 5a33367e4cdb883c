import { readFile } from 'node:fs/promises';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import type { ProjectConfig } from '../config/project-config.ts';
import { classify, type Classified } from './classify.ts';
import type { FunctionSpec } from './function-spec.ts';
import { helperWarning } from './helper-files.ts';
import { findRouteConflicts } from './route-conflicts.ts';
import type { Entry } from './scan/entry.ts';
import { scan } from './scan/scan.ts';
import { readGeneratedSettings } from './settings/generated-settings.ts';
import { noSettings, type FoundSettings } from './settings/setting-finding.ts';
import { readSource, type SourceFacts } from './source-config/read-source.ts';
import { SourceError } from './source-config/source-error.ts';
import { ModuleLoader, withoutMark } from './source-config/source-module.ts';

export interface DiscoverOptions {
  /** Whether `architecture` settings are ignored. Default: false. */
  readonly forThisMachine?: boolean | undefined;
}

export interface Discovered {
  /** Sorted by name. */
  readonly specs: readonly FunctionSpec[];
  /** The findings about functions; the findings about netlify.toml are in `config.warnings`. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Finds the functions of a project and decides every setting of each function. Reads and parses
 * each entry once, and runs none of its code. A function with an error has diagnostics instead of a
 * spec, and does not hide the other functions.
 *
 * @throws {BgfnError} Kind `config`, when a functions directory cannot be read
 */
export async function discover(
  config: ProjectConfig,
  { forThisMachine = false }: DiscoverOptions = {},
): Promise<Discovered> {
  const { entries, misnamed, diagnostics: scanned } = await scan(config.functionsDirectories);
  const readable = [...entries, ...misnamed.map(({ entry }) => entry)];
  const [sources, generated] = await Promise.all([
    readSources(readable.filter((entry) => entry.kind === 'javascript')),
    readGenerated(entries, config),
  ]);
  // The parser is a native module: a site of zips and Go functions must not load the parser.
  const loader =
    sources.size === 0 ? undefined : new ModuleLoader((await import('oxc-parser')).parseSync);

  const factsOf = (entry: Entry): SourceFacts | Diagnostic | undefined => {
    const source = sources.get(entry);
    if (source === undefined || loader === undefined) return undefined;
    if (source instanceof Error) return unreadable(entry, source);
    try {
      return readSource(entry.mainFile, source, entry.name, loader);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return helperWarning(error, entry, config) ?? error.toDiagnostic(entry.name);
    }
  };
  const classified = entries.map((entry): Classified => {
    const facts = factsOf(entry);
    if (facts !== undefined && 'severity' in facts) return withoutSpec(facts);
    const described = { entry, facts, generated: generated.get(entry) ?? noSettings };
    try {
      return classify(described, { config, forThisMachine });
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return withoutSpec(error.toDiagnostic(entry.name));
    }
  });
  // A file of helpers may have any name.
  const wronglyNamed = misnamed.map(({ entry, diagnostic }) => {
    const facts = factsOf(entry);
    return facts !== undefined && 'severity' in facts && facts.severity === 'warning'
      ? facts
      : diagnostic;
  });
  const specs = classified.flatMap(({ spec }) => spec ?? []);
  return {
    specs,
    diagnostics: [
      ...scanned,
      ...wronglyNamed,
      ...classified.flatMap(({ diagnostics }) => diagnostics),
      ...findRouteConflicts(specs),
    ],
  };
}

/** Reads the texts of JavaScript entries. The value of an entry that cannot be read is the error. */
async function readSources(entries: readonly Entry[]): Promise<Map<Entry, string | Error>> {
  const read = await Promise.all(
    entries.map(async (entry): Promise<readonly [Entry, string | Error]> => {
      try {
        return [entry, withoutMark(await readFile(entry.mainFile, 'utf8'))];
      } catch (error) {
        return [entry, error instanceof Error ? error : new Error(messageOf(error))];
      }
    }),
  );
  return new Map(read);
}

async function readGenerated(
  entries: readonly Entry[],
  config: ProjectConfig,
): Promise<Map<Entry, FoundSettings>> {
  const read = await Promise.all(
    entries.map(async (entry) => [entry, await readGeneratedSettings(entry, config)] as const),
  );
  return new Map(read);
}

function withoutSpec(diagnostic: Diagnostic): Classified {
  return { spec: undefined, diagnostics: [diagnostic] };
}

function unreadable({ name, mainFile }: Entry, error: Error): Diagnostic {
  return {
    severity: 'error',
    code: 'FUNCTION_UNREADABLE',
    message: `${mainFile} cannot be read: ${error.message}.`,
    hint: 'Check that it is a file you may read.',
    location: { file: mainFile, line: 1, column: 1 },
    functionName: name,
  };
}
