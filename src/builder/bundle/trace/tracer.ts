import { lstatSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { defaultConditions } from '../packages/default-conditions.ts';
import { installedRoot } from '../packages/installed-root.ts';
import type { PackageIndex } from '../packages/package-index.ts';
import { isCode } from '../syntax/code-file.ts';
import type { FileScans } from '../syntax/file-scans.ts';
import { type ImportKind, kindsOfImport } from './import-kinds.ts';
import { filesWithinReach, isInsidePackage, searchedDirectory } from './project-boundary.ts';
import { tracedText } from './traced-text.ts';

/** An import that Node resolves at run time. */
export interface ExternalImport {
  /** Absolute path of the importing file. */
  readonly importer: string;
  readonly specifier: string;
  readonly kind: 'import' | 'require';
}

export interface TraceRequest {
  readonly imports: readonly ExternalImport[];
  readonly projectDirectory: string;
  /** Returns true for an absolute path that must be neither followed nor included. */
  readonly ignores: (file: string) => boolean;
}

export interface Trace {
  /** Absolute real paths. Symbolic links are followed and never listed. */
  readonly files: ReadonlySet<string>;
  /** File → the files that import or read it. */
  readonly parents: ReadonlyMap<string, ReadonlySet<string>>;
  /** The imports that lead nowhere. Packages look for optional packages in this way, too. */
  readonly failed: readonly ExternalImport[];
}

/**
 * Follows imports, requires and file references to every file that Node will open at run time, with
 * @vercel/nft. What one trace reads is remembered for the next one, because the functions of a site
 * share packages.
 */
export class Tracer {
  readonly #scans: FileScans;
  readonly #packages: PackageIndex;
  /** Directories of the first-party packages whose modules were read. */
  readonly #firstPartyPackages = new Set<string>();
  /** The object in which nft keeps its memory from trace to trace. */
  readonly #cache = {};
  // nft asks for each of these with thousands of paths. Answering synchronously saves a fifth of
  // the time.
  readonly #stats = new Map<string, Stats | null>();
  readonly #links = new Map<string, string | null>();
  readonly #packageTexts = new Map<string, string | null>();
  /** The texts of the modules that may call `createRequire`, by file. */
  readonly #requireMakers = new Map<string, string>();
  #traceCount = 0;

  constructor(scans: FileScans, packages: PackageIndex) {
    this.#scans = scans;
    this.#packages = packages;
  }

  async trace({ imports, projectDirectory, ignores }: TraceRequest): Promise<Trace> {
    // nft remembers files by path, so the start modules of each trace need a name of their own.
    this.#traceCount += 1;
    const starts = startModules(imports, `.bgfn-start-${this.#traceCount}`);
    // nft is imported here and not at the top, because most builds never need it, and in the others
    // esbuild runs first.
    const { nodeFileTrace, resolve } = await import('@vercel/nft');
    const imported = new Set<string>();
    const failed: ExternalImport[] = [];
    const { fileList, reasons } = await nodeFileTrace([...starts.keys()], {
      base: path.parse(projectDirectory).root,
      processCwd: projectDirectory,
      cache: this.#cache,
      conditions: ['node', ...defaultConditions],
      // Current releases of Node load the `module-sync` export, older releases the export of the
      // next condition. The files of both go into the artifact.
      moduleSyncCatchall: true,
      ignore: (relative) => this.#ignores(path.sep + relative, ignores),
      resolve: async (specifier, parent, job, isRequire) => {
        const kinds = this.#kindsOf(specifier, parent, isRequire);
        const answers = await Promise.allSettled(
          kinds.map((kind) => resolve(specifier, parent, job, kind === 'require')),
        );
        const failure = failureOf(answers);
        if (failure !== undefined) {
          const kind = isRequire ? 'require' : 'import';
          // nft evaluates the argument of `require`, which need not be a string in dead code.
          if (typeof specifier === 'string') failed.push({ importer: parent, specifier, kind });
          throw failure.reason;
        }
        const files = answers.flatMap((answer) =>
          answer.status === 'fulfilled' ? answer.value : [],
        );
        if (!isPath(specifier)) for (const file of files) imported.add(file);
        return files;
      },
      readFile: async (file) => starts.get(file) ?? this.#read(file),
      stat: async (file) =>
        remembered(this.#stats, file, () => statSync(file, { throwIfNoEntry: false }) ?? null),
      readlink: async (file) => remembered(this.#links, file, () => linkTarget(file)),
    });
    const files = new Set<string>();
    const parents = new Map<string, Set<string>>();
    for (const relative of fileList) {
      const file = path.sep + relative;
      const reason = reasons.get(relative);
      // The list contains symbolic links on the way to a package (node_modules itself may be one).
      // Each is skipped, because the list contains its target, too.
      if (starts.has(file) || reason === undefined || !isRegularFile(file)) continue;
      files.add(file);
      parents.set(file, new Set([...reason.parents].map((parent) => path.sep + parent)));
    }
    const trace = { files, parents, imported, starts: new Set(starts.keys()) };
    return { files: filesWithinReach(trace), parents, failed };
  }

  /**
   * Whether the tracer skips a file or a glob pattern. It searches directories of packages only: a
   * package's computed path may mean the whole project or all of `node_modules`.
   */
  #ignores(file: string, ignores: (file: string) => boolean): boolean {
    const searched = searchedDirectory(file);
    if (searched === undefined || isInsidePackage(searched)) return ignores(file);
    const isOwned = [...this.#firstPartyPackages].some((directory) =>
      `${searched}${path.sep}`.startsWith(directory + path.sep),
    );
    return !isOwned || ignores(file);
  }

  /** Returns how an import is resolved: a module that calls `createRequire` may mean either kind. */
  #kindsOf(specifier: string, parent: string, isRequire: boolean): readonly ImportKind[] {
    const source = isRequire ? undefined : this.#requireMakers.get(parent);
    if (source !== undefined) return kindsOfImport(source, specifier);
    return [isRequire ? 'require' : 'import'];
  }

  /**
   * Reads a file for nft. Texts of package.json are remembered, because nft asks for them again
   * with each module of the package.
   */
  #read(file: string): string | null {
    if (path.basename(file) === 'package.json') {
      return remembered(this.#packageTexts, file, () => textForTracer(file, this.#scans));
    }
    if (isCode(file) && installedRoot(file) === undefined) {
      const owner = this.#packages.ownerOf(file);
      if (owner !== undefined) this.#firstPartyPackages.add(owner.directory);
    }
    const text = textForTracer(file, this.#scans);
    if (text?.includes('createRequire') === true) this.#requireMakers.set(file, text);
    return text;
  }
}

/**
 * Returns one generated module beside each importer, so that nft resolves the specifiers from the
 * importer's directory.
 */
function startModules(
  imports: readonly ExternalImport[],
  name: string,
): ReadonlyMap<string, string> {
  const starts = new Map<string, string>();
  for (const { importer, specifier, kind } of imports) {
    const extension = kind === 'import' ? '.mjs' : '.cjs';
    const file = path.join(path.dirname(importer), name + extension);
    const text = JSON.stringify(specifier);
    const statement = kind === 'import' ? `import ${text};` : `require(${text});`;
    starts.set(file, `${starts.get(file) ?? ''}${statement}\n`);
  }
  return starts;
}

/** Whether a specifier is a path, and not the name of a package. */
function isPath(specifier: string): boolean {
  return path.isAbsolute(specifier) || /^\.{1,2}(?:\/|$)/.test(specifier);
}

/** Returns the first failure when no search found any file. */
function failureOf(
  answers: readonly PromiseSettledResult<string | string[]>[],
): PromiseRejectedResult | undefined {
  const isFound = answers.some(
    (answer) => answer.status === 'fulfilled' && answer.value.length > 0,
  );
  return isFound ? undefined : answers.find((answer) => answer.status === 'rejected');
}

const binaryHeadBytes = 1024;

/**
 * Returns the text of a file for the tracer: empty for a binary file (libvips has 18 MB), and of a
 * module only the statements that can lead to a file. Null when the file cannot be read.
 */
function textForTracer(file: string, scans: FileScans): string | null {
  try {
    const source = readFileSync(file);
    if (source.subarray(0, binaryHeadBytes).includes(0)) return '';
    return isCode(file) ? tracedText(file, source, scans) : source.toString();
  } catch {
    return null;
  }
}

function linkTarget(file: string): string | null {
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? readlinkSync(file) : null;
}

function isRegularFile(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Returns the remembered answer for a file, or asks for it and remembers it. If `ask` throws (for a
 * path that leads through a file), the answer is null.
 */
function remembered<Answer>(
  known: Map<string, Answer | null>,
  file: string,
  ask: () => Answer | null,
): Answer | null {
  let answer = known.get(file);
  if (answer === undefined) {
    try {
      answer = ask();
    } catch {
      answer = null;
    }
    known.set(file, answer);
  }
  return answer;
}
