import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AnalyzedFunction } from './analyze.ts';
import { treemapPage } from './treemap-page.ts';

/** Writes the treemap page beside the artifacts. Gives its path. */
export async function writeAnalysis(
  outputDirectory: string,
  functions: readonly AnalyzedFunction[],
): Promise<string> {
  const file = path.join(outputDirectory, 'analyze.html');
  await writeFile(`${file}.tmp`, treemapPage(functions));
  await rename(`${file}.tmp`, file);
  return file;
}
