import { build } from 'esbuild';
import { viaEsbuild } from '../esbuild-process.ts';
import { exportConditions } from '../export-conditions.ts';
import { bannerNeedsOf, bannerText, nameDefinitions } from '../output/banner.ts';
import type { EntryPoint } from '../output/generated-files.ts';
import { entryPlugin } from '../plugins/entry-plugin.ts';
import { externalsPlugin } from '../plugins/external-imports.ts';
import { inPlacePlugin } from '../plugins/in-place-plugin.ts';
import { outsidePlugin } from '../plugins/outside-plugin.ts';
import { rewritePlugin } from '../plugins/rewrite-plugin.ts';
import type { CallResult } from './function-share.ts';
import type { JoinedPlan } from './joined-plan.ts';
import type { Batch } from './pass-plan.ts';

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
