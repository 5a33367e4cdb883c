import type { Outcome } from '../../diagnostic/outcome.ts';
import type { PassPlan } from './esbuild/esbuild-pass.ts';
import { namedImports } from './externals/named-imports.ts';
import type { ExternalsPlan } from './externals/place-externals.ts';
import { planExternals } from './externals/plan-externals.ts';
import type { BundleRequest } from './session/bundle-request.ts';
import { rewrittenTexts, type Survey } from './survey.ts';

/** How the function is bundled for good. */
export interface BundlePlan {
  readonly finalPass: PassPlan;
  /** The survey's pass already is as planned. */
  readonly surveyIsFinal: boolean;
  /** Undefined when everything is in the bundle. */
  readonly externals: ExternalsPlan | undefined;
}

/** Decides from the survey what stays outside, and whether esbuild has to run again. */
export async function planBundle(
  survey: Survey,
  request: BundleRequest,
): Promise<Outcome<BundlePlan>> {
  const { reached, firstParty, modules, missing } = survey;
  const named = namedImports(reached, firstParty, request.session);
  const externals = await planExternals(reached, named, request);
  const diagnostics = externals?.diagnostics ?? [];
  if (diagnostics.some(({ severity }) => severity === 'error')) return { ok: false, diagnostics };
  const rewritten = rewrittenTexts(firstParty);
  const keepNames = firstParty.some(({ asksNames }) => asksNames);
  const plan: BundlePlan = {
    externals,
    surveyIsFinal:
      externals === undefined && !keepNames && haveSameKeys(rewritten, survey.rewritten),
    finalPass: {
      rewritten,
      modules,
      externals: new Map([...missing, ...(externals?.renames ?? [])]),
      keepNames,
    },
  };
  return { ok: true, value: plan };
}

function haveSameKeys(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): boolean {
  return one.size === other.size && [...one.keys()].every((key) => other.has(key));
}
