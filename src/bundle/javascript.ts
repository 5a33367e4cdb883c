import path from 'node:path';
import type { OutputFile } from 'esbuild';
import type { FunctionSpec } from '../discover/function-spec.ts';
import type { BundleFile } from './bundle.ts';
import type { BundleOptions, BundleOutcome } from './bundle-function.ts';
import { ADAPTER_PATH, adapterSource } from './entry-source.ts';
import { toDiagnostic } from './esbuild-messages.ts';
import { runEsbuild } from './esbuild-pass.ts';
import { inputsOf } from './inputs.ts';

/** Bundles a JavaScript or TypeScript function into `<name>.mjs`. */
export async function bundleJavaScript(spec: FunctionSpec, options: BundleOptions): Promise<BundleOutcome> {
  const [pass, adapter] = await Promise.all([runEsbuild(spec, options, { rewritten: new Map() }), adapterSource(options.adapterFile)]);
  if (!pass.ok) {
    return { ok: false, diagnostics: pass.errors.map((error) => toDiagnostic(error, 'error', spec.name, options.projectDirectory)) };
  }
  return {
    ok: true,
    bundle: {
      runtime: 'js',
      bundler: 'esbuild',
      content: { kind: 'files', files: [{ path: ADAPTER_PATH, mode: 0o644, content: { bytes: Buffer.from(adapter) } }, ...pass.outputs.map((output) => generatedFile(output, options.projectDirectory))] },
      handler: `${spec.name}.handler`,
      runtimeVersion: `nodejs${spec.bundling.nodeMajor}.x`,
      inputs: inputsOf(pass.metafile, options.projectDirectory),
      warnings: pass.warnings.map((warning) => toDiagnostic(warning, 'warning', spec.name, options.projectDirectory)),
    },
  };
}

function generatedFile(output: OutputFile, projectDirectory: string): BundleFile {
  return { path: path.relative(projectDirectory, output.path).replaceAll(path.sep, '/'), mode: 0o644, content: { bytes: output.contents } };
}
