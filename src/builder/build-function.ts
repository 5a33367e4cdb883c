import type { Outcome } from '../diagnostic/outcome.ts';
import type { BuiltFunction } from './build-result.ts';
import { bundleAndPack, type BuildContext } from './bundle-and-pack.ts';
import type { FunctionSpec } from './discover/function-spec.ts';
import { includedFilesWarnings } from './included-files-warnings.ts';
import { asLeftOut } from './left-out.ts';
import type { PackedFunction } from './pack/packed-function.ts';
import { manifestFunctionOf } from './publish/manifest-function.ts';

/**
 * Takes one function from its spec to a zip in the staging directory and a record for the manifest.
 * The zip comes from the cache when nothing that the function depends on has changed.
 */
export async function buildFunction(
  spec: FunctionSpec,
  context: BuildContext,
): Promise<Outcome<BuiltFunction>> {
  const { settings, cache, staging } = context;
  const { name } = spec;
  const startedAtMs = performance.now();
  settings.emit({ type: 'function-started', name });

  const restored = await cache?.restore(spec, staging.directory);
  const cached = restored !== undefined;
  const outcome: Outcome<PackedFunction> = cached
    ? { ok: true, value: restored }
    : await bundleAndPack(spec, context);
  if (!outcome.ok) {
    settings.emit({ type: 'function-failed', name });
    const { diagnostics } = outcome;
    return {
      ok: false,
      diagnostics: settings.forThisMachine ? asLeftOut(diagnostics) : diagnostics,
    };
  }

  const { artifact, sources, parts, reasons = {}, unmatchedEntries = [] } = outcome.value;
  const warnings = [...outcome.value.warnings, ...includedFilesWarnings(spec, unmatchedEntries)];
  const record = manifestFunctionOf(spec, outcome.value, settings);
  const durationMs = performance.now() - startedAtMs;
  settings.emit({ type: 'function-finished', name, cached, durationMs, record });
  const { unzippedSize } = artifact;
  const built = {
    spec,
    record,
    cached,
    durationMs,
    unzippedSize,
    sources,
    parts,
    reasons,
    warnings,
  };
  return { ok: true, value: built };
}
