import path from 'node:path';
import { writeFileAtomically } from '../../files/replace-file.ts';
import type { AnalyzedFunction } from './analyze.ts';
import { treemapPage } from './treemap-page.ts';

/** Writes the treemap page beside the artifacts and returns its path. */
export async function writeAnalysis(
  outputDirectory: string,
  functions: readonly AnalyzedFunction[],
): Promise<string> {
  const file = path.join(outputDirectory, 'analyze.html');
  await writeFileAtomically(file, treemapPage(functions));
  return file;
}
