import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Outcome } from '../../diagnostic/outcome.ts';
import { changesNamesInUse } from './changed-class-names.ts';
import { sharedModules } from './esbuild/metafile/shared-modules.ts';
import { externalImports } from './esbuild/passes/missing-imports.ts';
import type { PassPlan } from './esbuild/passes/pass-plan.ts';
import { importsOfCompiledCode } from './externals/compiled-imports.ts';
import {
  findDevelopmentTools,
  leftOutWarnings,
  machineCodeIn,
} from './externals/development-tools.ts';
import { importsOutOfPlace } from './externals/in-place-imports.ts';
import { namedImports } from './externals/named-imports.ts';
import type { ExternalsPlan } from './externals/place-externals.ts';
import { planExternals } from './externals/plan-externals.ts';
import { firstPartyTexts } from './first-party/first-party-file.ts';
import type { BundleRequest } from './session/bundle-request.ts';
import type { Survey } from './survey.ts';

/** How the final bundle is made. */
export interface BundlePlan {
  readonly finalPass: PassPlan;
  /** Whether the survey's pass can be used as the final one. */
  readonly surveyIsFinal: boolean;
  /** Undefined when no package stays outside the bundle. */
  readonly externals: ExternalsPlan | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Decides from the survey which packages stay outside the bundle, and whether esbuild has to run
 * again.
 */
export async function planBundle(
  survey: Survey,
  request: BundleRequest,
): Promise<Outcome<BundlePlan>> {
  const { pass, outside, firstParty, modules, missing } = survey;
  const { externals, leftOut, diagnostics } = await planKept(survey, request);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics };
  const left = externalImports(missing);
  const outOfPlace = importsOutOfPlace(pass.metafile, externals, request);
  const rewritten = firstPartyTexts(firstParty).rewritten;
  const shared = sharedModules(
    pass.metafile,
    survey.threadModules,
    request.options.projectDirectory,
  );
  const keepNames =
    firstParty.some(({ asksNames }) => asksNames) ||
    changesNamesInUse(survey.reached.files, pass.files, request.session.scans);
  const plan: BundlePlan = {
    externals,
    diagnostics,
    surveyIsFinal:
      externals === undefined &&
      leftOut.size === 0 &&
      outOfPlace.inPlace.size === 0 &&
      !keepNames &&
      shared.size === 0 &&
      rewriteSameFiles(rewritten, survey.rewritten),
    finalPass: {
      rewritten,
      modules,
      shared,
      externals: new Map([
        ...left.externals,
        ...leftOut,
        ...outOfPlace.externals,
        ...(externals?.renames ?? []),
      ]),
      inPlace: new Map([
        ...left.inPlace,
        ...[...leftOut.keys()].map((key) => [key, 'now'] as const),
        ...outOfPlace.inPlace,
        ...importsOfCompiledCode(survey.reached, externals, request.session.packages),
      ]),
      keepNames,
      outside,
    },
  };
  return { ok: true, value: plan };
}

/** What stays outside the bundle. */
interface KeptCode {
  readonly externals: ExternalsPlan | undefined;
  /** The imports of packages that are left out: `importKey` → specifier. */
  readonly leftOut: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Plans what stays outside the bundle. If that contains machine code which only development needs,
 * the plan is made again without it.
 */
async function planKept(survey: Survey, request: BundleRequest): Promise<KeptCode> {
  const { session, options, spec } = request;
  const externals = await planExternals(survey, namedImports(survey, session), request);
  const all = { externals, leftOut: new Map(), diagnostics: externals?.diagnostics ?? [] };
  if (externals === undefined) return all;
  const { reached, modules, outside, loaders } = survey;
  const tools = findDevelopmentTools({ reached, modules: modules.keys(), externals }, request);
  if (tools === undefined) return all;
  const files = new Set(tools.remaining.files);
  const remaining = { ...survey, loaders: loaders.filter((file) => files.has(file)) };
  const without = await planExternals(
    { reached: tools.remaining, outside },
    namedImports(remaining, session),
    request,
  );
  const [before, after] = [externals, without].map(
    (plan) => machineCodeIn(plan, options.target).length,
  );
  if (before === after) return all;
  return {
    externals: without,
    leftOut: tools.imports,
    diagnostics: [...(without?.diagnostics ?? []), ...leftOutWarnings(tools, spec.name)],
  };
}

/** Whether two maps of rewritten texts are equal. */
function rewriteSameFiles(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): boolean {
  return one.size === other.size && [...one].every(([file, text]) => other.get(file) === text);
}
