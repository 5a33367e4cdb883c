import path from 'node:path';
import type { FunctionSpec } from '../discover/function-spec.ts';
import { contentProbe, isLink, stemOf, type Probe } from './fingerprint.ts';
import { goProbesOf } from './go-probes.ts';

/** Files that can change the meaning of an import, in every directory from a source up to the root. */
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

/** Files in which package managers record the modules that they installed into a node_modules. */
const installRecords = [
  '.package-lock.json',
  '.modules.yaml',
  '.yarn-integrity',
  '.yarn-state.yml',
] as const;

/**
 * The probes that decide whether a bundle would be the same. They cover the inputs themselves
 * (including paths that do not exist, because the bundler looked for them) and everything that
 * selects the inputs: files that would shadow an input, settings files and the installed modules.
 */
export async function probesOf(spec: FunctionSpec, inputs: readonly string[]): Promise<Probe[]> {
  const { includedFiles, includedFilesBase } = spec.bundling;
  const included: Probe[] =
    includedFiles.length > 0
      ? [{ kind: 'glob', path: includedFilesBase, patterns: includedFiles }]
      : [];
  const probes =
    spec.entry.kind === 'go-source'
      ? goProbesOf(spec.entry, inputs)
      : await javaScriptProbesOf(inputs, spec.bundling.includedFilesBase);
  return [...probes, ...included];
}

async function javaScriptProbesOf(
  inputs: readonly string[],
  projectDirectory: string,
): Promise<Probe[]> {
  const ownInputs = inputs.filter(
    (input) => moduleDirectoryOf(input, projectDirectory) === undefined,
  );
  const directories = new Set(ownInputs.flatMap((input) => [...upFrom(path.dirname(input))]));
  const contents = new Set(inputs);
  const siblings = new Siblings();
  for (const input of inputs) {
    const moduleDirectory = moduleDirectoryOf(input, projectDirectory);
    if (moduleDirectory !== undefined) contents.add(path.join(moduleDirectory, 'package.json'));
  }
  for (const input of ownInputs) {
    const directory = path.dirname(input);
    if (isData(input)) contents.add(directory);
    siblings.add(directory, stemOf(path.basename(input)));
    // An import of `./x` means `x/index.js`, or `x.js` beside the directory `x`.
    siblings.add(path.dirname(directory), path.basename(directory));
  }
  await addTsconfigFacts(directories, ownInputs, contents, siblings);
  for (const directory of directories) {
    for (const file of resolutionFiles) contents.add(path.join(directory, file));
    for (const file of installRecords) contents.add(path.join(directory, 'node_modules', file));
  }
  return [
    ...Array.from(contents, contentProbe),
    ...siblings.probes(),
    ...ownInputs.filter(isLink).map((link): Probe => ({ kind: 'link', path: link })),
    ...Array.from(directories, modulesProbe),
  ];
}

/**
 * Adds the files that the tsconfig.json files of the directories extend, and the places where their
 * `paths` look before they find an input.
 */
async function addTsconfigFacts(
  directories: ReadonlySet<string>,
  ownInputs: readonly string[],
  contents: Set<string>,
  siblings: Siblings,
): Promise<void> {
  const { earlierPlaces, readTsconfig } = await import('./tsconfig.ts');
  for (const directory of directories) {
    const tsconfig = readTsconfig(path.join(directory, 'tsconfig.json'));
    if (tsconfig === undefined) continue;
    for (const file of tsconfig.extended) contents.add(file);
    if (tsconfig.baseUrl !== undefined) contents.add(tsconfig.baseUrl);
    for (const place of ownInputs.flatMap((input) => earlierPlaces(input, tsconfig))) {
      siblings.add(path.dirname(place), stemOf(path.basename(place)));
    }
  }
}

/** The names without extension, by directory, of the files that an import can mean. */
class Siblings {
  readonly #stems = new Map<string, Set<string>>();

  add(directory: string, stem: string): void {
    const known = this.#stems.get(directory);
    if (known === undefined) this.#stems.set(directory, new Set([stem]));
    else known.add(stem);
  }

  probes(): Probe[] {
    return Array.from(this.#stems, ([directory, stems]): Probe => ({
      kind: 'siblings',
      path: directory,
      stems: [...stems].toSorted(),
    }));
  }
}

function modulesProbe(directory: string): Probe {
  return { kind: 'modules', path: path.join(directory, 'node_modules') };
}

/**
 * Whether a file is data. The bundler may have found such a file by reading its directory: a new
 * file beside it then belongs to the artifact as well.
 */
function isData(file: string): boolean {
  return (
    !/\.[cm]?[jt]sx?$/.test(file) &&
    !/^(?:package|tsconfig.*|jsconfig)\.json$/.test(path.basename(file))
  );
}

/** Yields a directory and all directories above it. */
function* upFrom(directory: string): Generator<string> {
  let current = directory;
  for (;;) {
    yield current;
    const parent = path.dirname(current);
    if (parent === current) return;
    current = parent;
  }
}

/**
 * The root of the installed npm module of a file; undefined for first-party files. The project may
 * lie below a directory called node_modules itself.
 */
function moduleDirectoryOf(file: string, projectDirectory: string): string | undefined {
  const found = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0];
  const isAbove =
    found !== undefined && `${projectDirectory}${path.sep}`.startsWith(found + path.sep);
  return isAbove && file.startsWith(projectDirectory + path.sep) ? undefined : found;
}
