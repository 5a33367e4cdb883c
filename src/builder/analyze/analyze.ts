import path from 'node:path';
import { openPromise } from 'yauzl';
import type { BuildResult, BuiltFunction } from '../build-result.ts';

/** One part of an artifact: a source file in a bundled module, or a file that is kept as it is. */
export interface AnalyzedPart {
  /** The path of the source: `lib/x.ts`, `node_modules/zod/index.js`. */
  readonly path: string;
  /** Size in bytes, unzipped. */
  readonly bytes: number;
  /**
   * The part's share of the zip, in bytes. For a part of a bundled module the share is estimated
   * from the part's share of the module.
   */
  readonly zippedBytes: number;
  /** Why the artifact contains the part, for people: `imported by lib/x.ts`, `source map`. */
  readonly reason: string;
}

export interface AnalyzedFunction {
  readonly name: string;
  readonly zipBytes: number;
  /** Largest first. */
  readonly parts: readonly AnalyzedPart[];
}

/** Lists the parts of each artifact of a finished build, with their sizes and reasons. */
export async function analyze(result: BuildResult): Promise<AnalyzedFunction[]> {
  return Promise.all(
    result.functions.map((built) => analyzeFunction(built, result.outputDirectory)),
  );
}

async function analyzeFunction(
  { record, parts: bundled, reasons }: BuiltFunction,
  outputDirectory: string,
): Promise<AnalyzedFunction> {
  const { name, artifact } = record;
  const files = await filesIn(path.join(outputDirectory, artifact.file));
  const parts = files.flatMap((file) =>
    file.path === `${name}.mjs` && bundled.length > 0
      ? splitModule(file, bundled)
      : [{ ...file, reason: reasons[file.path] ?? reasonOf(file.path, name) }],
  );
  return { name, zipBytes: artifact.size, parts: parts.toSorted(largestFirst) };
}

type ZippedFile = Omit<AnalyzedPart, 'reason'>;

async function filesIn(zipFile: string): Promise<ZippedFile[]> {
  const files: ZippedFile[] = [];
  const zip = await openPromise(zipFile, { lazyEntries: true });
  for await (const { fileName, uncompressedSize, compressedSize } of zip.eachEntry()) {
    if (fileName.endsWith('/')) continue;
    files.push({ path: fileName, bytes: uncompressedSize, zippedBytes: compressedSize });
  }
  return files;
}

/** The sources of a bundled module, and then the code that the bundler added to join them. */
function splitModule(file: ZippedFile, bundled: BuiltFunction['parts']): AnalyzedPart[] {
  const ratio = file.bytes === 0 ? 0 : file.zippedBytes / file.bytes;
  const parts = bundled.map(({ source, bytes, importedBy }): AnalyzedPart => ({
    path: source,
    bytes,
    zippedBytes: Math.round(bytes * ratio),
    reason: importedBy === undefined ? 'the function' : `imported by ${importedBy}`,
  }));
  const rest = file.bytes - bundled.reduce((sum, { bytes }) => sum + bytes, 0);
  if (rest <= 0) return parts;
  const zippedBytes = Math.round(rest * ratio);
  const reason = 'code that joins the modules';
  return [...parts, { path: file.path, bytes: rest, zippedBytes, reason }];
}

function reasonOf(file: string, name: string): string {
  if (file === 'bgfn-adapter.mjs') return "bgfn's adapter";
  if (file === 'bootstrap') return 'the Go program';
  if (file === `${name}.mjs`) return 'the function';
  if (file.endsWith('.map')) return 'source map';
  if (file === '___netlify-entry-point.mjs') return 'where netlify-cli looks for the entry';
  return file.includes('node_modules/') ? 'a package kept as files' : 'a file read at run time';
}

/** Adds up the parts of each npm package. Other parts stay as they are. Largest first. */
export function groupByPackage(parts: readonly AnalyzedPart[]): AnalyzedPart[] {
  const groups = Map.groupBy(parts, (part) => packageOf(part.path) ?? part.path);
  return Array.from(groups, ([name, group]) => sumOf(name, group)).toSorted(largestFirst);
}

/** `a/node_modules/@s/p/x.js` → `a/node_modules/@s/p`; undefined outside node_modules. */
function packageOf(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function sumOf(name: string, parts: readonly AnalyzedPart[]): AnalyzedPart {
  // Imports between the files of the package do not explain why the package is there.
  const importedFromOutside = parts.find(
    ({ reason }) => !reason.startsWith(`imported by ${name}/`),
  );
  return {
    path: name,
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    zippedBytes: parts.reduce((sum, { zippedBytes }) => sum + zippedBytes, 0),
    reason: importedFromOutside?.reason ?? '',
  };
}

function largestFirst(a: AnalyzedPart, b: AnalyzedPart): number {
  return b.zippedBytes - a.zippedBytes || (a.path < b.path ? -1 : 1);
}
