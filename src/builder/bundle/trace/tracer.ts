import { lstatSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { isCode } from '../syntax/code-file.ts';
import type { FileScans } from '../syntax/file-scans.ts';
import { tracedText } from './traced-text.ts';

/** An import that stays one at run time. */
export interface ExternalImport {
  /** Absolute path of the file that imports. */
  readonly importer: string;
  readonly specifier: string;
  readonly kind: 'import' | 'require';
}

export interface TraceRequest {
  readonly imports: readonly ExternalImport[];
  readonly projectDirectory: string;
  /** True for files that must not be followed or included; absolute. */
  readonly ignores: (file: string) => boolean;
}

export interface Trace {
  /** Absolute real paths. Symbolic links are followed, never listed. */
  readonly files: ReadonlySet<string>;
  /** For each file, the files that asked for it. */
  readonly parents: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Follows imports, requires and file references to every file that Node will open at run time, with
 * @vercel/nft. What was read for one trace is remembered for the next: functions of a site share
 * their packages.
 */
export class Tracer {
  readonly #scans: FileScans;
  /** What nft remembers; it asks for one object to keep it in. */
  readonly #cache = {};
  // Each of these is asked for thousands of paths. Asking synchronously saves a fifth of the work.
  readonly #stats = new Map<string, Stats | null>();
  readonly #links = new Map<string, string | null>();
  readonly #packageTexts = new Map<string, string | null>();
  #traceCount = 0;

  constructor(scans: FileScans) {
    this.#scans = scans;
  }

  async trace({ imports, projectDirectory, ignores }: TraceRequest): Promise<Trace> {
    // nft remembers files by path, so each trace needs start modules of its own name.
    this.#traceCount += 1;
    const starts = startModules(imports, `.bgfn-start-${this.#traceCount}`);
    // Loaded here: most builds never need it, and the others first wait for esbuild.
    const { nodeFileTrace } = await import('@vercel/nft');
    const { fileList, reasons } = await nodeFileTrace([...starts.keys()], {
      base: path.parse(projectDirectory).root,
      processCwd: projectDirectory,
      cache: this.#cache,
      conditions: ['node'],
      // Node loads the `module-sync` export; older ones the next condition. Both go in.
      moduleSyncCatchall: true,
      ignore: (relative) => ignores(`${path.sep}${relative}`),
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
      // A link on the way to a package (node_modules itself may be one) is no file; the list has
      // its target, too.
      if (starts.has(file) || reason === undefined || !isRegularFile(file)) continue;
      files.add(file);
      parents.set(file, new Set([...reason.parents].map((parent) => path.sep + parent)));
    }
    return { files, parents };
  }

  /** Nft asks for a package.json again with each module of the package. */
  #read(file: string): string | null {
    return path.basename(file) === 'package.json'
      ? remembered(this.#packageTexts, file, () => textForTracer(file, this.#scans))
      : textForTracer(file, this.#scans);
  }
}

/** One made-up module beside each importer, so that names are resolved where they are written. */
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

const binaryHeadBytes = 1024;

/**
 * The text of a file that the tracer reads: nothing of machine code (libvips has 18 MB), of modules
 * what can lead to a file. Null when it cannot be read.
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

/** Null, too, where asking fails (a path through a file). */
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
