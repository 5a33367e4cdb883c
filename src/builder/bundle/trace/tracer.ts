import { lstatSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { isCode } from '../packages/package-files.ts';
import { tracedText } from './traced-text.ts';

/** An import that stays one at run time. */
export interface ExternalImport {
  /** Absolute path of the file that imports. */
  readonly importer: string;
  readonly specifier: string;
  readonly kind: 'import' | 'require';
  /** Asked only where the package is: any of its files may be meant. */
  readonly located?: true;
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

let cache = {};
/**
 * What is at a path, and where it leads when it is a link. Asked for thousands of paths,
 * synchronously: that is a fifth of the work.
 */
const stats = new Map<string, Stats | null>();
const links = new Map<string, string | null>();
const packageTexts = new Map<string, string | null>();

/**
 * How many traces were made: nft remembers files by path, so that each trace needs start modules of
 * its own name.
 */
let traceCount = 0;

/** Forgets what was read: a watching build calls it before it builds again. */
export function forgetTraces(): void {
  cache = {};
  stats.clear();
  links.clear();
  packageTexts.clear();
}

/**
 * Follows imports, requires and file references from here to everything that Node will open at run
 * time.
 */
export async function traceFiles(request: TraceRequest): Promise<Trace> {
  traceCount += 1;
  const starts = startModules(request.imports, `.bgfn-start-${traceCount}`);
  // Loaded here: most builds never need it, and the others first wait for esbuild.
  const { nodeFileTrace } = await import('@vercel/nft');
  const result = await nodeFileTrace([...starts.keys()], {
    base: path.parse(request.projectDirectory).root,
    processCwd: request.projectDirectory,
    cache,
    conditions: ['node'],
    // Node loads the `module-sync` export; older ones the next condition. Both go in.
    moduleSyncCatchall: true,
    ignore: (relative) => request.ignores(`${path.sep}${relative}`),
    // A package.json is asked for again with each module of its package.
    readFile: async (file) =>
      starts.get(file) ??
      (path.basename(file) === 'package.json'
        ? remembered(packageTexts, file, () => readOrNull(file))
        : readOrNull(file)),
    stat: async (file) =>
      remembered(stats, file, () => statSync(file, { throwIfNoEntry: false }) ?? null),
    readlink: async (file) =>
      remembered(links, file, () =>
        lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true
          ? readlinkSync(file)
          : null,
      ),
  });
  const files = new Set<string>();
  const parents = new Map<string, Set<string>>();
  for (const relative of result.fileList) {
    const file = path.sep + relative;
    const reason = result.reasons.get(relative);
    // A link on the way to a package (node_modules itself may be one) is only there to be followed; its target is listed by itself.
    if (
      starts.has(file) ||
      reason === undefined ||
      lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true
    ) {
      continue;
    }
    files.add(file);
    parents.set(file, new Set([...reason.parents].map((parent) => path.sep + parent)));
  }
  return { files, parents };
}

/** One made-up module beside each importer, so that names are resolved from where they are written. */
function startModules(
  imports: readonly ExternalImport[],
  name: string,
): ReadonlyMap<string, string> {
  const starts = new Map<string, string>();
  for (const { importer, specifier, kind } of imports) {
    const file = path.join(
      path.dirname(importer),
      kind === 'import' ? `${name}.mjs` : `${name}.cjs`,
    );
    const text = JSON.stringify(specifier);
    starts.set(
      file,
      `${starts.get(file) ?? ''}${kind === 'import' ? `import ${text};` : `require(${text});`}\n`,
    );
  }
  return starts;
}

const binaryHeadBytes = 1024;

/** What the tracer gets to read: of machine code (libvips has 18 MB) nothing. */
function readOrNull(file: string): string | null {
  try {
    const source = readFileSync(file);
    if (source.subarray(0, binaryHeadBytes).includes(0)) return '';
    return isCode(file) ? tracedText(file, source) : source.toString();
  } catch {
    return null;
  }
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
