import type { Metafile } from 'esbuild';
import type { BundlePart } from '../../contract/bundle.ts';

/**
 * Reads from esbuild's metafile which sources the output is made of, largest first. Sources that
 * tree shaking removed are left out.
 */
export function bundlePartsOf({ inputs, outputs }: Metafile): readonly BundlePart[] {
  const bytes = bytesBySource(outputs);
  const importers = importersOf(inputs);
  return [...bytes]
    .filter(([source, count]) => count > 0 && !source.startsWith('bgfn:'))
    .map(([source, count]) => ({
      source,
      bytes: count,
      importedBy: visibleImporter(source, importers, bytes),
    }))
    .toSorted((a, b) => b.bytes - a.bytes || (a.source < b.source ? -1 : 1));
}

function bytesBySource(outputs: Metafile['outputs']): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const output of Object.values(outputs)) {
    for (const [source, { bytesInOutput }] of Object.entries(output.inputs)) {
      bytes.set(source, (bytes.get(source) ?? 0) + bytesInOutput);
    }
  }
  return bytes;
}

/**
 * Returns the nearest importer with bytes in the output. A module that only re-exports from others
 * has none. Undefined for the function's own module, which the generated entry imports.
 */
function visibleImporter(
  source: string,
  importers: ReadonlyMap<string, string>,
  bytes: ReadonlyMap<string, number>,
): string | undefined {
  let importer = importers.get(source);
  while (importer !== undefined && (bytes.get(importer) ?? 0) === 0) {
    importer = importers.get(importer);
  }
  return importer?.startsWith('bgfn:') === true ? undefined : importer;
}

/** Returns the first importer of each file, breadth first from the generated entry. */
function importersOf(inputs: Metafile['inputs']): ReadonlyMap<string, string> {
  const importers = new Map<string, string>();
  const queue = Object.keys(inputs).filter((source) => source.startsWith('bgfn:'));
  for (const source of queue) {
    for (const { path: imported, external } of inputs[source]?.imports ?? []) {
      if (external === true || importers.has(imported)) continue;
      importers.set(imported, source);
      queue.push(imported);
    }
  }
  return importers;
}
