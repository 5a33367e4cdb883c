import { collectBundle } from './collect-bundle.ts';
import type { BundleOutcome } from './contract/bundle.ts';
import { toDiagnostics } from './esbuild/esbuild-messages.ts';
import { finalPass } from './final-pass.ts';
import { planBundle } from './plan-bundle.ts';
import type { BundleRequest } from './session/bundle-request.ts';
import { surveyFunction } from './survey.ts';

/**
 * Bundles a JavaScript or TypeScript function into `<name>.mjs`, with the packages that cannot be
 * part of one file beside it.
 *
 * The survey bundles everything; the code it reached tells which packages have to stay outside and
 * which files are read at run time. Most functions need no more than that pass of esbuild; the
 * others get a second one that follows the plan.
 */
export async function bundleJavaScript(request: BundleRequest): Promise<BundleOutcome> {
  const { spec, options } = request;

  const survey = await surveyFunction(request);
  if (!survey.ok) return survey;

  const plan = await planBundle(survey, request);
  if (!plan.ok) return plan;

  const pass = await finalPass(survey, plan, request);
  if (!pass.ok) {
    return {
      ok: false,
      diagnostics: toDiagnostics(pass.errors, 'error', spec.name, options.projectDirectory),
    };
  }
  return { ok: true, bundle: await collectBundle({ survey, plan, pass }, request) };
}
