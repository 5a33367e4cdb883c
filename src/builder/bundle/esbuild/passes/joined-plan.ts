import { exportConditions } from '../export-conditions.ts';
import { bannerNeedsOf } from '../output/banner.ts';
import { importerIn } from '../plugins/external-imports.ts';
import type { PassPlan, PassRequest } from './pass-plan.ts';

/**
 * Returns a text that is equal for two passes only if both can be made by one call of esbuild as
 * far as its options are concerned. Undefined for a pass that needs a call of its own.
 */
export function callKey({ spec, options, plan }: PassRequest): string | undefined {
  // A source map would have the names of the other functions' entries.
  if (plan.plugin !== undefined || options.sourcemap) return undefined;
  // esbuild would share code between functions, too.
  if ((plan.shared?.size ?? 0) > 0) return undefined;
  const { nodeMajor, ignoredNodeModules } = spec.bundling;
  return JSON.stringify([
    options.projectDirectory,
    options.minify,
    nodeMajor,
    ignoredNodeModules,
    exportConditions(spec.entry.mainFile),
    plan.keepNames,
    plan.leavesMissing,
    bannerNeedsOf(plan.rewritten.values()),
    plan.inPlace.size > 0,
    [...plan.outside.directories].toSorted(),
    plan.outside.names,
  ]);
}

/** The parts of a plan that one call of esbuild can have for several functions together. */
export type JoinedPlan = Pick<PassPlan, 'externals' | 'inPlace' | 'rewritten' | 'modules'>;

/** Joins plans; undefined when two of them say different things about one import or file. */
export function joinPlans(plans: readonly JoinedPlan[]): JoinedPlan | undefined {
  const externals = joinMaps(plans.map((plan) => plan.externals));
  const inPlace = joinMaps(plans.map((plan) => plan.inPlace));
  const rewritten = joinMaps(plans.map((plan) => plan.rewritten));
  const modules = joinMaps(plans.map((plan) => plan.modules));
  if (externals === undefined || inPlace === undefined) return undefined;
  if (rewritten === undefined || modules === undefined) return undefined;
  return { externals, inPlace, rewritten, modules };
}

function joinMaps<Value extends string>(
  maps: readonly ReadonlyMap<string, Value>[],
): ReadonlyMap<string, Value> | undefined {
  const joined = new Map<string, Value>();
  for (const map of maps) {
    for (const [key, value] of map) {
      const other = joined.get(key);
      if (other !== undefined && other !== value) return undefined;
      joined.set(key, value);
    }
  }
  return joined;
}

/**
 * Whether a function that read these files would have been bundled differently without the plans of
 * the other functions.
 *
 * @param files Absolute
 */
export function isAffectedByOthers(
  own: JoinedPlan,
  joined: JoinedPlan,
  files: ReadonlySet<string>,
): boolean {
  const addsImport = (all: ReadonlyMap<string, string>, known: ReadonlyMap<string, string>) =>
    [...all.keys()].some((key) => !known.has(key) && files.has(importerIn(key)));
  return (
    addsImport(joined.externals, own.externals) ||
    addsImport(joined.inPlace, own.inPlace) ||
    [...joined.rewritten.keys()].some((file) => !own.rewritten.has(file) && files.has(file))
  );
}
