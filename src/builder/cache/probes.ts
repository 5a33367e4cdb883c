import { basename, dirname, join } from 'node:path';
import type { FunctionSpec } from '../discover/function-spec.ts';
import { stemOf, type Probe } from './fingerprint.ts';
import { goProbesOf } from './go-probes.ts';

/**
 * Files beside the sources that change what an import means, wherever they appear between a source
 * and the root.
 */
const resolutionFiles = [
  'package.json',
  'tsconfig.json',
  'jsconfig.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'yarn.lock',
  'bun.lock',
  '.pnp.cjs',
  '.yarnrc.yml',
  '.npmrc',
] as const;

/** What package managers leave in node_modules to say what they installed. */
const installRecords = [
  '.package-lock.json',
  '.modules.yaml',
  '.yarn-integrity',
  '.yarn-state.yml',
] as const;

/**
 * Everything that has to be the same for a bundle to be the same: the inputs themselves (a path
 * that is not there counts: it was looked for), and what decided that these and no others are the
 * inputs, namely files that would shadow them, settings files and the installed modules.
 */
export async function probesOf(spec: FunctionSpec, inputs: readonly string[]): Promise<Probe[]> {
  const { includedFiles, includedFilesBase } = spec.bundling;
  const included =
    includedFiles.length > 0
      ? [{ kind: 'glob', path: includedFilesBase, patterns: includedFiles } as const]
      : [];
  if (spec.entry.kind === 'go-source') return [...goProbesOf(spec.entry, inputs), ...included];
  const { earlierPlaces, readTsconfig } = await import('./tsconfig.ts');
  const contents = new Set(inputs);
  const stems = new Map<string, Set<string>>();
  const directories = new Set<string>();
  for (const input of inputs) {
    const moduleDirectory = moduleDirectoryOf(input);
    if (moduleDirectory !== undefined) {
      contents.add(join(moduleDirectory, 'package.json'));
      continue;
    }
    if (isData(input)) contents.add(dirname(input));
    addStem(stems, dirname(input), stemOf(basename(input)));
    addStem(stems, dirname(dirname(input)), basename(dirname(input)));
    for (const directory of upFrom(dirname(input))) directories.add(directory);
  }
  const ownInputs = inputs.filter((input) => moduleDirectoryOf(input) === undefined);
  for (const directory of directories) {
    const tsconfig = readTsconfig(join(directory, 'tsconfig.json'));
    for (const file of tsconfig?.extended ?? []) contents.add(file);
    if (tsconfig?.baseUrl !== undefined) contents.add(tsconfig.baseUrl);
    const earlier =
      tsconfig === undefined ? [] : ownInputs.flatMap((input) => earlierPlaces(input, tsconfig));
    for (const place of earlier) addStem(stems, dirname(place), stemOf(basename(place)));
    for (const file of resolutionFiles) contents.add(join(directory, file));
    for (const file of installRecords) contents.add(join(directory, 'node_modules', file));
  }
  return [
    ...[...contents].map((path): Probe => ({ kind: 'content', path })),
    ...[...stems].map(([path, names]): Probe => ({
      kind: 'siblings',
      path,
      stems: [...names].toSorted(),
    })),
    ...[...directories].map((path): Probe => ({
      kind: 'modules',
      path: join(path, 'node_modules'),
    })),
    ...included,
  ];
}

/**
 * A file that may have been found by reading its directory: a new one beside it belongs to the
 * artifact as well.
 */
function isData(file: string): boolean {
  return (
    !/\.[cm]?[jt]sx?$/.test(file) && !/^(?:package|tsconfig.*|jsconfig)\.json$/.test(basename(file))
  );
}

function addStem(stems: Map<string, Set<string>>, directory: string, stem: string): void {
  const known = stems.get(directory);
  if (known === undefined) stems.set(directory, new Set([stem]));
  else known.add(stem);
}

function* upFrom(directory: string): Generator<string> {
  let current = directory;
  for (;;) {
    yield current;
    const parent = dirname(current);
    if (parent === current) return;
    current = parent;
  }
}

/** The root of the installed npm module a file belongs to; undefined for first-party files. */
function moduleDirectoryOf(path: string): string | undefined {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0];
}
