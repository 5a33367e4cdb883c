import type { Outcome } from '../../diagnostic/outcome.ts';
import { collectBundle } from './collect-bundle.ts';
import type { Bundle } from './contract/bundle.ts';
import { finalPass } from './final-pass.ts';
import { findCommonJsInModules } from './first-party/warnings/common-js-in-module.ts';
import { planBundle } from './plan-bundle.ts';
import type { BundleRequest } from './session/bundle-request.ts';
import { surveyFunction } from './survey.ts';

/**
 * Bundles a JavaScript or TypeScript function into `<name>.mjs`. Packages that cannot be part of
 * one file lie beside it, in `node_modules`.
 *
 * The survey bundles everything. The code that it reached shows which packages have to stay outside
 * the bundle and which files are read at run time. For most functions the survey's pass of esbuild
 * is also the final one; the others get a second pass that follows the plan.
 */
export async function bundleJavaScript(request: BundleRequest): Promise<Outcome<Bundle>> {
  const survey = await surveyFunction(request);
  if (!survey.ok) return survey;
  const { errors } = findCommonJsInModules(survey.value.pass, request);
  if (errors.length > 0) return { ok: false, diagnostics: errors };

  const plan = await planBundle(survey.value, request);
  if (!plan.ok) return plan;

  const pass = await finalPass(survey.value, plan.value, request);
  if (!pass.ok) return pass;

  const bundled = { survey: survey.value, plan: plan.value, pass: pass.value };
  return { ok: true, value: await collectBundle(bundled, request) };
}
