import { join } from 'node:path';
import { openPromise } from 'yauzl';
import type { BuildResult, BuiltFunction } from '../build-result.ts';

/** One thing inside an artifact: a source file in a bundled module, or a file kept as it is. */
export interface AnalyzedPart {
  /** Where it comes from: `lib/x.ts`, `node_modules/zod/index.js`. */
  readonly path: string;
  /** Bytes unzipped. */
  readonly bytes: number;
  /**
   * Its share of the zip, in bytes; for a part of a bundled module estimated by its share of the
   * module.
   */
  readonly zippedBytes: number;
  /** Why it is there, for a person: `imported by lib/x.ts`, `kept as a file`. */
  readonly reason: string;
}

export interface AnalyzedFunction {
  readonly name: string;
  readonly zipBytes: number;
  /** Largest first. */
  readonly parts: readonly AnalyzedPart[];
}

/** Looks into the artifacts of a finished build: what is in each, how large, and why. */
export async function analyze(result: BuildResult): Promise<AnalyzedFunction[]> {
  return Promise.all(
    result.functions.map((built) => analyzeFunction(built, result.outputDirectory)),
  );
}

async function analyzeFunction(
  built: BuiltFunction,
  outputDirectory: string,
): Promise<AnalyzedFunction> {
  const { record, parts: bundled } = built;
  const zip = await openPromise(join(outputDirectory, record.artifact.file), { lazyEntries: true });
  const parts: AnalyzedPart[] = [];
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const file = {
      path: entry.fileName,
      bytes: entry.uncompressedSize,
      zippedBytes: entry.compressedSize,
    };
    if (file.path === `${record.name}.mjs` && bundled.length > 0) {
      parts.push(...splitModule(file, bundled));
    } else {
      parts.push({ ...file, reason: reasonOf(file.path, record.name) });
    }
  }
  return {
    name: record.name,
    zipBytes: record.artifact.size,
    parts: parts.toSorted((a, b) => b.zippedBytes - a.zippedBytes || (a.path < b.path ? -1 : 1)),
  };
}

/** The bundled module by its sources; what is left is the code that holds them together. */
function splitModule(
  file: Omit<AnalyzedPart, 'reason'>,
  bundled: BuiltFunction['parts'],
): AnalyzedPart[] {
  const ratio = file.bytes === 0 ? 0 : file.zippedBytes / file.bytes;
  const parts = bundled.map(({ source, bytes, importedBy }): AnalyzedPart => ({
    path: source,
    bytes,
    zippedBytes: Math.round(bytes * ratio),
    reason: importedBy === undefined ? 'the function' : `imported by ${importedBy}`,
  }));
  const rest = file.bytes - bundled.reduce((sum, { bytes }) => sum + bytes, 0);
  return rest > 0
    ? [
        ...parts,
        {
          path: file.path,
          bytes: rest,
          zippedBytes: Math.round(rest * ratio),
          reason: 'code that joins the modules',
        },
      ]
    : parts;
}

function reasonOf(path: string, name: string): string {
  if (path === 'bgfn-adapter.mjs') return "bgfn's adapter";
  if (path === 'bootstrap') return 'the Go program';
  if (path === `${name}.mjs`) return 'the function';
  if (path.endsWith('.map')) return 'source map';
  if (path === '___netlify-entry-point.mjs') return 'where netlify-cli looks for the entry';
  return path.includes('node_modules/') ? 'a package kept as files' : 'a file read at run time';
}

/** Parts of one npm package count together; others stay themselves. Largest first. */
export function groupByPackage(parts: readonly AnalyzedPart[]): AnalyzedPart[] {
  const groups = new Map<
    string,
    { path: string; bytes: number; zippedBytes: number; reasons: string[] }
  >();
  for (const part of parts) {
    const path = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(part.path)?.[0] ?? part.path;
    const group = groups.get(path) ?? { path, bytes: 0, zippedBytes: 0, reasons: [] };
    group.bytes += part.bytes;
    group.zippedBytes += part.zippedBytes;
    // Who asked for the package, not which of its files ask for each other.
    if (!part.reason.startsWith(`imported by ${path}/`)) group.reasons.push(part.reason);
    groups.set(path, group);
  }
  return [...groups.values()]
    .map(({ path, bytes, zippedBytes, reasons }) => ({
      path,
      bytes,
      zippedBytes,
      reason: reasons[0] ?? '',
    }))
    .toSorted((a, b) => b.zippedBytes - a.zippedBytes || (a.path < b.path ? -1 : 1));
}
