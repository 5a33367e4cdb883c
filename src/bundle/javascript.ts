import path from 'node:path';
import type { Message, OutputFile, Plugin } from 'esbuild';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { FunctionSpec } from '../discover/function-spec.ts';
import type { BundleFile } from './bundle.ts';
import type { BundleOptions, BundleOutcome } from './bundle-function.ts';
import { ADAPTER_PATH, adapterSource } from './entry-source.ts';
import { toDiagnostic, unresolvedSpecifier } from './esbuild-messages.ts';
import { exactlyAnyOf, runEsbuild } from './esbuild-pass.ts';
import type { PassOutcome, PassPlan } from './esbuild-pass.ts';
import { importKey, planHybrid, reachedCode } from './hybrid.ts';
import { inputsOf } from './inputs.ts';
import { installedRoot } from './package-of.ts';

/**
 * Bundles a JavaScript or TypeScript function into `<name>.mjs`, with the packages that cannot be part of one file beside it.
 *
 * The first pass bundles everything; what it reached tells which packages have to stay outside. Most functions need
 * no more than that pass. The others get a second one, in which those packages are external.
 */
export async function bundleJavaScript(spec: FunctionSpec, options: BundleOptions): Promise<BundleOutcome> {
  const diagnose = (severity: 'error' | 'warning') => (message: Message): Diagnostic => toDiagnostic(message, severity, spec.name, options.projectDirectory);
  const [{ pass: first, missing }, adapter] = await Promise.all([bundleEverything(spec, options), adapterSource(options.adapterFile)]);
  if (!first.ok) return { ok: false, diagnostics: first.errors.map(diagnose('error')) };
  const plan = await planHybrid(reachedCode(first.metafile, options.projectDirectory), [], spec, options);
  const problems = plan?.diagnostics ?? [];
  if (problems.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics: problems };
  const pass = plan === undefined ? first : await runEsbuild(spec, options, { rewritten: new Map(), externals: externalsPlugin(new Map([...missing, ...plan.renames])) });
  if (!pass.ok) return { ok: false, diagnostics: pass.errors.map(diagnose('error')) };
  return {
    ok: true,
    bundle: {
      runtime: 'js',
      bundler: spec.bundling.nodeBundler === 'auto' ? 'esbuild' : spec.bundling.nodeBundler,
      content: {
        kind: 'files',
        files: [{ path: ADAPTER_PATH, mode: 0o644, content: { bytes: Buffer.from(adapter) } }, ...pass.outputs.map((output) => generatedFile(output, options.projectDirectory)), ...(plan?.files ?? [])],
      },
      handler: `${spec.name}.handler`,
      runtimeVersion: `nodejs${spec.bundling.nodeMajor}.x`,
      inputs: inputsOf(first.metafile, options.projectDirectory, plan?.inputs),
      warnings: [...problems, ...pass.warnings.map(diagnose('warning'))],
    },
  };
}

const MAX_PASSES = 8;

/**
 * A package may name optional packages that are not installed (drivers, accelerators, peers): such an import stays as
 * written and fails at run time only if that line is reached, exactly as it does from source. In first-party code it is an error.
 */
async function bundleEverything(spec: FunctionSpec, options: BundleOptions): Promise<{ readonly pass: PassOutcome; readonly missing: ReadonlyMap<string, string> }> {
  const missing = new Map<string, string>();
  for (let count = 1; ; count += 1) {
    const plan: PassPlan = { rewritten: new Map(), ...(missing.size === 0 ? {} : { externals: externalsPlugin(missing) }) };
    const pass = await runEsbuild(spec, options, plan);
    if (pass.ok || count === MAX_PASSES) return { pass, missing };
    const before = missing.size;
    for (const error of pass.errors) {
      const specifier = unresolvedSpecifier(error);
      const importer = path.resolve(options.projectDirectory, error.location?.file ?? '');
      if (specifier !== undefined && installedRoot(importer) !== undefined) missing.set(importKey(importer, specifier), specifier);
    }
    if (missing.size === before || pass.errors.some((error) => unresolvedSpecifier(error) === undefined)) return { pass, missing };
  }
}

/** Keeps exactly these imports, under the names given. */
function externalsPlugin(renames: ReadonlyMap<string, string>): Plugin {
  const specifiers = [...new Set([...renames.keys()].map((key) => key.slice(key.indexOf('\0') + 1)))];
  return {
    name: 'bgfn-externals',
    setup(pluginBuild) {
      if (specifiers.length === 0) return;
      pluginBuild.onResolve({ filter: exactlyAnyOf(specifiers) }, ({ path: specifier, importer }) => {
        const renamed = renames.get(importKey(importer, specifier));
        return renamed === undefined ? null : { path: renamed, external: true };
      });
    },
  };
}

function generatedFile(output: OutputFile, projectDirectory: string): BundleFile {
  return { path: path.relative(projectDirectory, output.path).replaceAll(path.sep, '/'), mode: 0o644, content: { bytes: output.contents } };
}
