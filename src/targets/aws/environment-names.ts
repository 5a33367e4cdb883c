import { BgfnError } from '../../diagnostic/bgfn-error.ts';

/**
 * Refuses names that AWS Lambda does not allow for environment variables.
 *
 * @throws {BgfnError} `ENVIRONMENT_NAME_INVALID`
 */
export function checkEnvironmentNames(names: readonly string[]): void {
  const wrong = names.find((name) => !/^[A-Za-z]\w*$/.test(name) || name.startsWith('AWS_'));
  if (wrong === undefined) return;
  throw new BgfnError(
    'ENVIRONMENT_NAME_INVALID',
    `"${wrong}" cannot be set on AWS Lambda: a name has letters, digits and "_", and does not begin with "AWS_".`,
    { kind: 'usage', hint: 'Give names alone, without values: --env STRIPE_KEY SMTP_URL.' },
  );
}
