import type { DiagnosticCode } from '../../diagnostic/codes.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { ManifestFunction } from '../../manifest/schema.ts';
import { lambdaDelaysSeconds, lambdaMaxNameLength, lambdaMaxRetries } from './lambda-limits.ts';
import { awsNameOf } from './lambda-names.ts';

/** Warnings on settings of a function that AWS cannot follow as written, apart from routes. */
export function portabilityWarnings(fn: ManifestFunction): readonly Diagnostic[] {
  return checks.map((check) => check(fn)).filter((found) => found !== undefined);
}

type Check = (fn: ManifestFunction) => Diagnostic | undefined;

const retryWarning: Check = (fn) => {
  if (fn.invocationMode !== 'background' || fn.retry === undefined) return undefined;
  const { maxAttempts, delaysSeconds } = fn.retry;
  const used = delaysSeconds.slice(0, maxAttempts - 1);
  const isPortable =
    maxAttempts <= 1 + lambdaMaxRetries &&
    used.every((delay, index) => delay === lambdaDelaysSeconds[index]);
  if (isPortable) return undefined;
  return warning(
    fn,
    'RETRY_NOT_PORTABLE',
    `${fn.name} asks for ${maxAttempts} attempts after ${delaysSeconds.join(', ')} s; AWS Lambda does at most 3, after 60 and 120 s.`,
    'On AWS it gets the nearest of these.',
  );
};

const excludedPathWarning: Check = (fn) =>
  (fn.excludedRoutes ?? []).length === 0
    ? undefined
    : warning(
        fn,
        'EXCLUDED_PATH_NOT_PORTABLE',
        `API Gateway has no excluded paths; those of ${fn.name} are ignored.`,
        'Give the excluded path a function of its own.',
      );

const nameWarning: Check = (fn) =>
  awsNameOf(fn.name) === fn.name
    ? undefined
    : warning(
        fn,
        'NAME_SHORTENED',
        `${fn.name} is called ${awsNameOf(fn.name)} on AWS: names there have at most ${lambdaMaxNameLength} characters, prefix and stage included.`,
        'Its URL keeps the whole name.',
      );

const rateLimitWarning: Check = (fn) =>
  fn.trafficRules === undefined
    ? undefined
    : warning(
        fn,
        'RATE_LIMIT_NOT_PORTABLE',
        `The rate limit of ${fn.name} is not deployed.`,
        'Set throttling on the API stage or use AWS WAF.',
      );

const destinationWarning: Check = (fn) =>
  fn.destinations === undefined
    ? undefined
    : warning(
        fn,
        'DESTINATION_NOT_PORTABLE',
        `${fn.name} sends its outcome to a URL; Lambda's destinations are queues, topics, buses and functions.`,
        'Set the destination parameters of the template to an ARN.',
      );

const checks: readonly Check[] = [
  retryWarning,
  excludedPathWarning,
  nameWarning,
  rateLimitWarning,
  destinationWarning,
];

function warning(
  fn: ManifestFunction,
  code: DiagnosticCode,
  message: string,
  hint: string,
): Diagnostic {
  return { severity: 'warning', code, functionName: fn.name, message, hint };
}
