import { build } from 'esbuild';
import { bannerNeedsOf, bannerText, nameDefinitions } from './banner.ts';
import { entryPlugin } from './entry-plugin.ts';
import { viaEsbuild } from './esbuild-process.ts';
import { exportConditions } from './export-conditions.ts';
import { externalsPlugin } from './external-imports.ts';
import type { CallResult } from './function-share.ts';
import type { EntryPoint } from './generated-files.ts';
import { inPlacePlugin } from './in-place-plugin.ts';
import type { JoinedPlan } from './joined-plan.ts';
import { outsidePlugin } from './outside-plugin.ts';
import type { Batch } from './pass-plan.ts';
import { rewritePlugin } from './rewrite-plugin.ts';

export interface CallSettings {
  /** The format of all outputs. */
  readonly format: 'esm' | 'cjs';
  readonly entryPoints: EntryPoint[];
  /** Whether code that several outputs have in common is in files of its own. */
  readonly splits?: boolean;
}

/** Makes one call of esbuild for the passes of a batch. */
export function esbuildCall(
  { format, entryPoints, splits = false }: CallSettings,
  batch: Batch,
  joined: JoinedPlan,
): Promise<CallResult> {
  // These are equal in all plans of the batch.
  const [{ spec, options, plan }] = batch;
  return viaEsbuild(() =>
    build({
      absWorkingDir: options.projectDirectory,
      entryPoints,
      outdir: options.projectDirectory,
      outExtension: { '.js': format === 'esm' ? '.mjs' : '.cjs' },
      assetNames: 'assets/[name]-[hash]',
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format,
      splitting: splits,
      chunkNames: 'shared-[hash]',
      target: `node${spec.bundling.nodeMajor}`,
      conditions: exportConditions(spec.entry.mainFile),
      charset: 'utf8',
      legalComments: 'none',
      minifySyntax: true,
      minifyWhitespace: options.minify,
      minifyIdentifiers: options.minify,
      keepNames: options.minify || plan.keepNames,
      sourcemap: options.sourcemap ? 'linked' : false,
      banner: {
        js: bannerText(format, {
          ...bannerNeedsOf(joined.rewritten.values()),
          inPlace: joined.inPlace.size > 0,
        }),
      },
      loader: { '.node': 'copy', '.wasm': 'copy' },
      define: format === 'esm' ? { ...nameDefinitions } : {},
      external: [...spec.bundling.ignoredNodeModules],
      logLevel: 'silent',
      logLimit: 0,
      plugins: [
        ...(plan.plugin === undefined ? [] : [plan.plugin]),
        entryPlugin(batch.map((one) => one.spec)),
        outsidePlugin(plan.outside),
        rewritePlugin(joined.rewritten),
        externalsPlugin(joined, format),
        inPlacePlugin,
      ],
    }),
  );
}
