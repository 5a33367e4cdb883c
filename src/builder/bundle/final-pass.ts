import type { Outcome } from '../../diagnostic/outcome.ts';
import { toDiagnostics } from './esbuild/esbuild-messages.ts';
import type { FinishedPass } from './esbuild/passes/pass-plan.ts';
import { runEsbuild } from './esbuild/passes/run-esbuild.ts';
import type { BundlePlan } from './plan-bundle.ts';
import type { BundleRequest } from './session/bundle-request.ts';
import type { Survey } from './survey.ts';

/**
 * Returns the pass whose output goes into the artifact: the survey's pass if the plan can use it,
 * else a second one.
 */
export async function finalPass(
  survey: Survey,
  plan: BundlePlan,
  { spec, options }: BundleRequest,
): Promise<Outcome<FinishedPass>> {
  const pass = plan.surveyIsFinal ? survey.pass : await runEsbuild(spec, options, plan.finalPass);
  if (pass.ok) return { ok: true, value: pass };
  const diagnostics = toDiagnostics(pass.errors, 'error', spec.name, options.projectDirectory);
  return { ok: false, diagnostics };
}
