import { BgfnError } from '../../diagnostic/bgfn-error.ts';

const credentialErrors = new Set([
  'CredentialsProviderError',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'ExpiredTokenException',
]);

/**
 * Runs `work` for a function, and turns errors of the AWS SDK into errors that say what the user
 * can do.
 *
 * @throws {BgfnError} `AWS_CREDENTIALS`, `AWS_REGION_MISSING`, `AWS_REFUSED`, and errors of `work`
 */
export async function translateAwsErrors<T>(
  functionName: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BgfnError || !(error instanceof Error)) throw error;
    if (credentialErrors.has(error.name)) {
      throw new BgfnError('AWS_CREDENTIALS', `AWS did not take the credentials: ${error.message}`, {
        kind: 'config',
        hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or log in with `aws sso login`.',
        cause: error,
      });
    }
    if (error.message.includes('Region is missing')) {
      throw new BgfnError('AWS_REGION_MISSING', 'No AWS region is set.', {
        kind: 'config',
        hint: 'Set AWS_REGION, or a region in the AWS profile.',
        cause: error,
      });
    }
    throw new BgfnError(
      'AWS_REFUSED',
      `AWS refused ${functionName}: ${error.name}: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}
