import { readFileSync, realpathSync } from 'node:fs';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { locate } from '../../../diagnostic/locate.ts';
import type { BundleTarget } from '../contract/bundle-options.ts';
import type { ReachedCode, ReachedImport } from '../esbuild/metafile/reached-code.ts';
import { importKey } from '../esbuild/plugins/external-imports.ts';
import { installedRoot } from '../packages/installed-root.ts';
import { packageNameOf } from '../packages/package-name.ts';
import type { BundleRequest } from '../session/bundle-request.ts';
import { isCode } from '../syntax/code-file.ts';
import { developmentLoads, type DevelopmentLoad } from '../syntax/development-loads.ts';
import { inspectNative } from './native-files.ts';
import type { ExternalsPlan } from './place-externals.ts';

/** The code of a function, and where it starts. */
export interface DevelopmentSearch {
  readonly reached: ReachedCode;
  /** Modules that are loaded by path; absolute. */
  readonly modules: Iterable<string>;
  /** What stays outside when nothing is left out. */
  readonly externals: ExternalsPlan;
}

/** The packages that a function loads outside production only. */
export interface DevelopmentTools {
  /** The imports that lead into these packages: `importKey` → specifier. */
  readonly imports: ReadonlyMap<string, string>;
  /** The code that is reached without these imports. */
  readonly remaining: ReachedCode;
  readonly loads: readonly LocatedLoad[];
}

interface LocatedLoad extends DevelopmentLoad {
  readonly file: string;
  readonly source: string;
}

/**
 * Finds the packages that are reached through branches alone that are not taken in production, if
 * some of them stay outside the bundle: a development server with its compilers. Undefined when
 * there are none.
 */
export function findDevelopmentTools(
  { reached, modules, externals }: DevelopmentSearch,
  { spec, options, session: { packages } }: BundleRequest,
): DevelopmentTools | undefined {
  if (machineCodeIn(externals, options.target).length === 0) return undefined;
  const loads = loadsIn(reached);
  if (loads.length === 0) return undefined;
  const starts = [realpathSync(spec.entry.mainFile), ...modules];
  const inDevelopment = new Set(loads.map(({ file, specifier }) => importKey(file, specifier)));
  const live = reachable(starts, reached, (one) => inDevelopment.has(keyOf(one)));
  const livePackages = new Set([...live].map((file) => packages.ownerOf(file)));
  const named = new Set(spec.bundling.externalNodeModules);
  const leadsToTools = (one: ReachedImport): boolean =>
    installedRoot(one.importer) === undefined &&
    installedRoot(one.resolved) !== undefined &&
    !livePackages.has(packages.ownerOf(one.resolved)) &&
    !named.has(packageNameOf(one.specifier));
  const toolLoads = loads.flatMap((load) => {
    const below = importsBelow(load, reached, live);
    const outside = below.some((one) => externals.renames.has(keyOf(one)));
    const cut = outside ? below.filter(leadsToTools) : [];
    return cut.length === 0 ? [] : [{ load, cut }];
  });
  const imports = new Map(
    toolLoads.flatMap(({ cut }) => cut.map((one) => [keyOf(one), one.specifier])),
  );
  if (imports.size === 0) return undefined;
  const kept = reachable(starts, reached, (one) => imports.has(keyOf(one)));
  return {
    imports,
    loads: toolLoads.map(({ load }) => load),
    remaining: {
      files: reached.files.filter((file) => kept.has(file)),
      imports: reached.imports.filter((one) => kept.has(one.importer) && !imports.has(keyOf(one))),
    },
  };
}

/** Returns the import that a load stands for, and those of the modules that only it leads to. */
function importsBelow(
  { file, specifier }: LocatedLoad,
  reached: ReachedCode,
  live: ReadonlySet<string>,
): readonly ReachedImport[] {
  const own = reached.imports.filter(
    (one) => one.importer === file && one.specifier === specifier && !live.has(one.resolved),
  );
  const below = reachable(
    own.map(({ resolved }) => resolved),
    reached,
    ({ resolved }) => live.has(resolved),
  );
  return [...own, ...reached.imports.filter(({ importer }) => below.has(importer))];
}

/** Returns the files with machine code among those that stay outside. */
export function machineCodeIn(
  externals: ExternalsPlan | undefined,
  target: BundleTarget,
): readonly string[] {
  return (externals?.files ?? []).flatMap(({ content }) =>
    'copyFrom' in content && inspectNative(content.copyFrom, target) !== undefined
      ? [content.copyFrom]
      : [],
  );
}

/** Warns of the packages that are left out. */
export function leftOutWarnings(
  { loads, imports }: DevelopmentTools,
  functionName: string,
): readonly Diagnostic[] {
  const names = [...new Set([...imports.values()].map(packageNameOf))].toSorted();
  const [load] = loads;
  if (load === undefined) return [];
  const list = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
  const setting = names.map((name) => JSON.stringify(name)).join(', ');
  return [
    {
      severity: 'warning',
      code: 'DEVELOPMENT_ONLY',
      message: `Left out, because they are loaded only where NODE_ENV is not "production": ${list}.`,
      hint: `Set NODE_ENV=production where the function runs. To ship them: external_node_modules = [${setting}]`,
      location: locate(load.file, load.source, load.start, load.end),
      functionName,
    },
  ];
}

function loadsIn({ files }: ReachedCode): readonly LocatedLoad[] {
  return files
    .filter((file) => isCode(file) && installedRoot(file) === undefined)
    .flatMap((file) => {
      const source = readFileSync(file, 'utf8');
      return developmentLoads(file, source).map((load) => Object.assign({ file, source }, load));
    });
}

function keyOf({ importer, specifier }: ReachedImport): string {
  return importKey(importer, specifier);
}

/** Returns the files that are reached from the starts without the imports that are cut. */
function reachable(
  starts: readonly string[],
  { imports }: ReachedCode,
  isCut: (one: ReachedImport) => boolean,
): ReadonlySet<string> {
  const byImporter = Map.groupBy(imports, ({ importer }) => importer);
  const found = new Set(starts);
  // The loop also visits the files that are added to the set while it runs.
  for (const file of found) {
    for (const one of byImporter.get(file) ?? []) if (!isCut(one)) found.add(one.resolved);
  }
  return found;
}
