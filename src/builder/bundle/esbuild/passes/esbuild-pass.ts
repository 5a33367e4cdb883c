import { readFileSync } from 'node:fs';
import type { BuildFailure, Message } from 'esbuild';
import { parseSync } from 'oxc-parser';
import type { BundleFile } from '../../contract/bundle.ts';
import { firstPartyMode } from '../../native/executable.ts';
import { absoluteIn } from '../metafile/metafile-path.ts';
import { commonJsFacade, sharedPlace } from '../metafile/shared-modules.ts';
import {
  entryPointsOf,
  generatedFiles,
  type EntryPoint,
  type ModulePlace,
} from '../output/generated-files.ts';
import { entryNames, mainEntry } from '../plugins/entry-plugin.ts';
import { importerIn } from '../plugins/external-imports.ts';
import { esbuildCall, type CallSettings } from './esbuild-call.ts';
import { shareOf, type CallResult } from './function-share.ts';
import { isAffectedByOthers, joinPlans, type JoinedPlan } from './joined-plan.ts';
import { externalImports, missingImports, type MissingImport } from './missing-imports.ts';
import type { Batch, FailedPass, FinishedPass, PassPlan, PassRequest } from './pass-plan.ts';
import { RequiredPackages } from './two-entry-packages.ts';

/** Undefined for a function whose pass has to be made alone. */
export type BatchedPass = FinishedPass | FailedPass | undefined;

/**
 * Runs esbuild once for several functions, whose passes have the same `callKey` and plans that can
 * be joined. esbuild reads and parses each file once, and then links each function by itself, so
 * the functions get the bytes that they would get alone. A function for which that is not certain
 * gets no pass, and neither does any function when the call of several fails, because it is unknown
 * whose fault that is.
 *
 * Names and lines are kept, comments are dropped, and only the syntax is shortened. The stack trace
 * of a function that failed has to be readable without a source map, and deflate saves most of what
 * minifying would save.
 */
export async function runBatch(batch: Batch): Promise<readonly BatchedPass[]> {
  const joined = joinPlans(batch.map(({ plan }) => plan));
  if (joined === undefined) throw new Error('These passes cannot be made by one call.');
  const missing = new Map<string, MissingImport>();
  for (;;) {
    try {
      const results = await callsFor(batch, withMissing(joined, missing));
      return passesOf(results, { batch, joined, missing });
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      if (batch.length === 1) return [{ ok: false, errors: error.errors }];
      const found = newlyMissing(error.errors, batch, missing);
      if (found === undefined) return batch.map(() => undefined);
      for (const [key, one] of found) missing.set(key, one);
    }
  }
}

/** Undefined if missing imports in installed packages do not explain all errors. */
function newlyMissing(
  errors: readonly Message[],
  [{ options, plan }]: Batch,
  known: ReadonlyMap<string, MissingImport>,
): ReadonlyMap<string, MissingImport> | undefined {
  if (plan.leavesMissing !== true) return undefined;
  const found = errors.map((error) => [...missingImports([error], options.projectDirectory)]);
  const isExplained = found.every(([one]) => one !== undefined && !known.has(one[0]));
  return isExplained ? new Map(found.flat()) : undefined;
}

function withMissing(joined: JoinedPlan, missing: ReadonlyMap<string, MissingImport>): JoinedPlan {
  const { externals, inPlace } = externalImports(missing);
  return {
    ...joined,
    externals: new Map([...joined.externals, ...externals]),
    inPlace: new Map([...joined.inPlace, ...inPlace]),
  };
}

/** Makes one call for each format that the outputs have, and one for code that they share. */
function callsFor(batch: Batch, joined: JoinedPlan): Promise<readonly CallResult[]> {
  const names = entryNames(batch.map(({ spec }) => spec));
  const mains = batch.map(({ spec }, index) => ({ in: names[index] ?? '', out: spec.name }));
  const { shared, alone } = modulesOf(joined.modules, batch[0].plan);
  const commonJs = alone.filter(([file]) => isCommonJs(file));
  const esModules = entryPointsOf(alone.filter((one) => !commonJs.includes(one)));
  const calls: CallSettings[] =
    shared.length === 0
      ? [{ format: 'esm', entryPoints: [...mains, ...esModules] }]
      : [
          { format: 'esm', entryPoints: [...mains, ...sharedEntryPoints(shared)], splits: true },
          ...(esModules.length > 0 ? [{ format: 'esm' as const, entryPoints: esModules }] : []),
        ];
  if (commonJs.length > 0) calls.push({ format: 'cjs', entryPoints: entryPointsOf(commonJs) });
  return Promise.all(calls.map((settings) => esbuildCall(settings, batch, joined)));
}

/** Tells apart the modules that share code with the function. */
function modulesOf(
  modules: ReadonlyMap<string, string>,
  plan: PassPlan,
): { readonly shared: readonly ModulePlace[]; readonly alone: readonly ModulePlace[] } {
  const all = [...modules];
  const shared = all.filter(([file]) => plan.shared?.has(file) === true);
  return { shared, alone: all.filter((one) => !shared.includes(one)) };
}

function sharedEntryPoints(shared: readonly ModulePlace[]): EntryPoint[] {
  return entryPointsOf(
    shared.map(([file, place]) => [file, isCommonJs(file) ? sharedPlace(place) : place]),
  );
}

interface BatchPlans {
  readonly batch: Batch;
  readonly joined: JoinedPlan;
  /** The imports that turned out to lead nowhere. */
  readonly missing: ReadonlyMap<string, MissingImport>;
}

function passesOf(
  results: readonly CallResult[],
  { batch, joined, missing }: BatchPlans,
): readonly BatchedPass[] {
  const [first] = batch;
  const { projectDirectory } = first.options;
  const names = entryNames(batch.map(({ spec }) => spec));
  if (batch.length === 1) return [passOf(results, first, names[0] ?? '')];
  const absolute = absoluteIn(projectDirectory);
  const required = results.map(({ metafile }) => new RequiredPackages(metafile, projectDirectory));
  return batch.map((request, index) => {
    const pass = passOf(results, request, names[index] ?? '');
    const files = new Set(Object.keys(pass.metafile.inputs).map(absolute));
    const own = new Map([...missing].filter(([key]) => files.has(importerIn(key))));
    const isAffected =
      isAffectedByOthers(request.plan, joined, files) ||
      // The banner has a helper for missing imports, which this function does not need.
      (missing.size > 0 && own.size === 0 && request.plan.inPlace.size === 0) ||
      required.some((packages) => packages.decideFor(pass.metafile));
    return isAffected ? undefined : { ...pass, missing: own };
  });
}

function passOf(
  results: readonly CallResult[],
  { spec, options: { projectDirectory }, plan }: PassRequest,
  entry: string,
): FinishedPass {
  const modules = [...plan.modules];
  const outputs = new Set([spec.name, ...entryPointsOf(modules).map(({ out }) => out)]);
  const shares =
    entry === mainEntry
      ? results
      : results.map((result) => shareOf(result, { outputs, entry, projectDirectory }));
  const facades = modulesOf(plan.modules, plan).shared.filter(([file]) => isCommonJs(file));
  return {
    ok: true,
    files: [
      ...shares.flatMap(({ outputFiles }) =>
        generatedFiles(outputFiles, projectDirectory, modules),
      ),
      ...facades.map(([file, place]) => facadeOf(file, place)),
    ],
    metafile: {
      inputs: Object.assign({}, ...shares.map(({ metafile }) => metafile.inputs)),
      outputs: Object.assign({}, ...shares.map(({ metafile }) => metafile.outputs)),
    },
    warnings: shares.flatMap(({ warnings }) => warnings),
    missing: new Map(),
  };
}

function facadeOf(file: string, place: string): BundleFile {
  const bytes = Buffer.from(commonJsFacade(place));
  return { path: place, mode: firstPartyMode(file), content: { bytes } };
}

/**
 * Whether a module that is loaded by path has to be CommonJS in the artifact, too. A worker can be
 * of either format, but `createRequire(…)('./settings.cjs')` expects CommonJS.
 */
function isCommonJs(file: string): boolean {
  if (/\.c[jt]s$/.test(file)) return true;
  if (/\.m[jt]s$/.test(file)) return false;
  return !parseSync(file, readFileSync(file, 'utf8'), { sourceType: 'unambiguous' }).module
    .hasModuleSyntax;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
