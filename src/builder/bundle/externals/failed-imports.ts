import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic, SourceLocation } from '../../../diagnostic/diagnostic.ts';
import { locate } from '../../../diagnostic/locate.ts';
import { incompleteImport } from '../hints/incomplete-import.ts';
import type { BundleRequest } from '../session/bundle-request.ts';
import type { ExternalImport } from '../trace/tracer.ts';

/**
 * Warns of the imports of external packages that lead nowhere because the installation is
 * incomplete. Each problem is reported once.
 *
 * @param known Warnings about bundled code, which may be about the same packages
 */
export function failedImportWarnings(
  failed: readonly ExternalImport[],
  known: readonly Diagnostic[],
  { spec, options, session }: BundleRequest,
): readonly Diagnostic[] {
  const reported = new Set(known.map(({ message }) => message));
  const scope = { packages: session.packages, projectDirectory: options.projectDirectory };
  return failed.flatMap((one): readonly Diagnostic[] => {
    const advice = incompleteImport(one, scope);
    if (advice === undefined || reported.has(advice.message)) return [];
    reported.add(advice.message);
    const location = locationOf(one);
    return [{ severity: 'warning', ...advice, location, functionName: spec.name }];
  });
}

/** The place of a specifier in its module; undefined for a module that bgfn made up. */
function locationOf({ importer, specifier }: ExternalImport): SourceLocation | undefined {
  if (path.basename(importer).startsWith('.bgfn-start')) return undefined;
  const source = readFileSync(importer, 'utf8');
  const start = Math.max(source.indexOf(`'${specifier}'`), source.indexOf(`"${specifier}"`));
  return start === -1 ? undefined : locate(importer, source, start, start + specifier.length + 2);
}
