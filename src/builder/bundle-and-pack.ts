import { existsSync } from 'node:fs';
import path from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Outcome } from '../diagnostic/outcome.ts';
import { adapterModules } from './adapter-modules.ts';
import type { BundleOptions } from './bundle/contract/bundle-options.ts';
import type { Bundle } from './bundle/contract/bundle.ts';
import type { FunctionCache } from './cache/function-cache.ts';
import type { FunctionSpec } from './discover/function-spec.ts';
import type { LoadBundler } from './load-bundler.ts';
import type { Artifact } from './pack/artifact.ts';
import { pack } from './pack/pack.ts';
import type { PackedFunction } from './pack/packed-function.ts';
import type { ReadyFiles } from './pack/ready-files.ts';
import type { Staging } from './publish/staging.ts';
import type { BuildSettings } from './settings.ts';

/** The settings and resources that the functions of one build share. */
export interface BuildContext {
  readonly settings: BuildSettings;
  readonly cache: FunctionCache | undefined;
  readonly staging: Staging;
  readonly loadBundler: LoadBundler;
  /** The files of packages that are deflated for the zips of this build. */
  readonly readyFiles: ReadyFiles;
}

/** Bundles a function, packs the bundle into the staging directory and caches the artifact. */
export async function bundleAndPack(
  spec: FunctionSpec,
  { settings, cache, staging, loadBundler, readyFiles }: BuildContext,
): Promise<Outcome<PackedFunction>> {
  const bundleFunction = await loadBundler();
  const options = bundleOptions(spec, settings);
  const outcome = await bundleFunction(spec, options);
  if (!outcome.ok) return outcome;
  const bundle = outcome.value;
  let zipped: Awaited<ReturnType<typeof pack>>;
  try {
    zipped = await pack(bundle, {
      name: spec.name,
      outputDirectory: staging.directory,
      readyFiles,
    });
  } catch (error) {
    if (!(error instanceof BgfnError)) throw error;
    return { ok: false, diagnostics: [diagnosticOf(error, spec)] };
  }
  const { warnings, ...artifact } = zipped;
  const parts: PackedParts = {
    bundle: { ...bundle, warnings: [...bundle.warnings, ...warnings] },
    artifact,
    architecture: architectureOf(spec, bundle, options),
  };
  const packed = packedFunctionOf(parts, settings);
  await cache?.keep(spec, packed, bundle.inputs, staging.directory);
  return { ok: true, value: packed };
}

function bundleOptions(spec: FunctionSpec, settings: BuildSettings): BundleOptions {
  const { outputDirectory, minify, sourcemap, target } = settings;
  return {
    // The artifact mirrors the site's own directory, where its globs start.
    projectDirectory: spec.bundling.includedFilesBase,
    outputDirectory,
    minify,
    sourcemap,
    adapter: adapterModules(),
    target: { ...target, arch: spec.architecture ?? target.arch },
  };
}

/** What becomes a packed function. */
interface PackedParts {
  readonly bundle: Bundle;
  readonly artifact: Artifact;
  readonly architecture: PackedFunction['architecture'];
}

function packedFunctionOf(
  { bundle, artifact, architecture }: PackedParts,
  { projectDirectory }: BuildSettings,
): PackedFunction {
  const { runtime, bundler, handler, runtimeVersion, warnings, parts, reasons, unmatchedEntries } =
    bundle;
  const sources = sourcesOf(bundle.inputs, projectDirectory);
  return {
    artifact,
    runtime,
    bundler,
    handler,
    runtimeVersion,
    architecture,
    warnings,
    unmatchedEntries,
    sources,
    parts,
    reasons,
  };
}

/** The inputs that are neither in the project's installed modules nor in a package manager's store. */
function sourcesOf(inputs: readonly string[], projectDirectory: string): readonly string[] {
  const marker = `${path.sep}node_modules${path.sep}`;
  const isLinked = new Map<string, boolean>();
  return inputs.filter((file) => {
    if (file.startsWith(projectDirectory + path.sep)) {
      return !file.slice(projectDirectory.length).includes(marker);
    }
    const at = file.indexOf(marker);
    const owner = file.slice(0, at);
    if (at === -1) return true;
    if (projectDirectory.startsWith(owner + path.sep)) return false;
    // A linked package has its modules beside its package.json; a store has them in any directory.
    const known = isLinked.get(owner) ?? existsSync(path.join(owner, 'package.json'));
    isLinked.set(owner, known);
    return known;
  });
}

/**
 * The CPU of the native code in a bundle; undefined for a bundle without native code. A Go program
 * and the addons (`.node`) of a Node function are native code. A prebuilt zip is not opened: it
 * counts as native code if its author set an architecture.
 */
function architectureOf(
  spec: FunctionSpec,
  { runtime, content }: Bundle,
  { target }: BundleOptions,
): PackedFunction['architecture'] {
  if (spec.architecture !== undefined) return spec.architecture;
  const isNative =
    runtime === 'go' ||
    (content.kind === 'files' && content.files.some((file) => file.path.endsWith('.node')));
  return isNative ? target.arch : undefined;
}

function diagnosticOf({ code, message, hint }: BgfnError, spec: FunctionSpec): Diagnostic {
  return { severity: 'error', code, message, hint, functionName: spec.name };
}
