import { runEsbuild, type FailedPass, type FinishedPass } from './esbuild/esbuild-pass.ts';
import type { BundlePlan } from './plan-bundle.ts';
import type { BundleRequest } from './session/bundle-request.ts';
import type { Survey } from './survey.ts';

/** The pass whose output goes into the artifact: the survey's own, where that will do. */
export async function finalPass(
  survey: Survey,
  plan: BundlePlan,
  { spec, options }: BundleRequest,
): Promise<FinishedPass | FailedPass> {
  return plan.surveyIsFinal ? survey.pass : runEsbuild(spec, options, plan.finalPass);
}
