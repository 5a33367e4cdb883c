import type { Outcome } from '../../diagnostic/outcome.ts';
import { externalImports } from './esbuild/missing-imports.ts';
import type { PassPlan } from './esbuild/pass-plan.ts';
import { sharedModules } from './esbuild/shared-modules.ts';
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
  const named = namedImports(survey, request.session);
  const externals = await planExternals(survey, named, request);
  const diagnostics = externals?.diagnostics ?? [];
  if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics };
  const left = externalImports(missing);
  const outOfPlace = importsOutOfPlace(pass.metafile, externals, request);
  const rewritten = firstPartyTexts(firstParty).rewritten;
  const shared = sharedModules(
    pass.metafile,
    survey.threadModules,
    request.options.projectDirectory,
  );
  const keepNames = firstParty.some(({ asksNames }) => asksNames);
  const plan: BundlePlan = {
    externals,
    surveyIsFinal:
      externals === undefined &&
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
        ...outOfPlace.externals,
        ...(externals?.renames ?? []),
      ]),
      inPlace: new Map([...left.inPlace, ...outOfPlace.inPlace]),
      keepNames,
      outside,
    },
  };
  return { ok: true, value: plan };
}

/** Whether two maps of rewritten texts are equal. */
function rewriteSameFiles(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): boolean {
  return one.size === other.size && [...one].every(([file, text]) => other.get(file) === text);
}
