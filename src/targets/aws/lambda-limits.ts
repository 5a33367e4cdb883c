/** Retries of an asynchronous invocation, at most (Lambda API, PutFunctionEventInvokeConfig). */
export const lambdaMaxRetries = 2;
/** Wait before each of them; Lambda has no setting for it. */
export const lambdaDelaysSeconds: readonly number[] = [60, 120];
/** Age at which Lambda gives an event up, at most: six hours (the same API). */
export const lambdaMaxEventAgeSeconds = 21_600;
/** Characters of a function's name, at most; roles and rules have the same limit. */
export const lambdaMaxNameLength = 64;
/** Bytes of a zip in the request itself, at most (Lambda quotas). */
export const lambdaMaxUploadBytes = 50 * 1024 ** 2;
