import type { Metafile } from 'esbuild';

/** What one source file adds to a bundled file of an artifact. */
export interface BundlePart {
  /** As esbuild names it: relative to the project directory. */
  readonly source: string;
  /** Bytes in the output. */
  readonly bytes: number;
  /** The file that imports it, on the shortest way from the function's entry; absent for the entry. */
  readonly importedBy?: string;
}

/**
 * Reads from esbuild's metafile what the output is made of, largest first. Sources that were shaken
 * off are left out.
 */
export function partsOf({ inputs, outputs }: Metafile): BundlePart[] {
  const bytes = new Map<string, number>();
  for (const output of Object.values(outputs)) {
    for (const [source, { bytesInOutput }] of Object.entries(output.inputs)) {
      bytes.set(source, (bytes.get(source) ?? 0) + bytesInOutput);
    }
  }
  const importers = importersOf(inputs);
  /**
   * A module that only passes on what others export leaves no byte; then it is who imports that
   * one.
   */
  const visibleImporter = (source: string): string | undefined => {
    let importer = importers.get(source);
    while (importer !== undefined && (bytes.get(importer) ?? 0) === 0) {
      importer = importers.get(importer);
    }
    return importer?.startsWith('bgfn:') === true ? undefined : importer;
  };
  return [...bytes]
    .filter(([source, count]) => count > 0 && !source.startsWith('bgfn:'))
    .map(([source, count]): BundlePart => {
      const importedBy = visibleImporter(source);
      return importedBy === undefined
        ? { source, bytes: count }
        : { source, bytes: count, importedBy };
    })
    .toSorted((a, b) => b.bytes - a.bytes || (a.source < b.source ? -1 : 1));
}

/** Breadth first from the generated entry: who first asked for each file. */
function importersOf(inputs: Metafile['inputs']): Map<string, string> {
  const importers = new Map<string, string>();
  const queue = Object.keys(inputs).filter((source) => source.startsWith('bgfn:'));
  for (const source of queue) {
    for (const { path, external } of inputs[source]?.imports ?? []) {
      if (external === true || importers.has(path)) continue;
      importers.set(path, source);
      queue.push(path);
    }
  }
  return importers;
}
