/** Most retries of an asynchronous invocation (Lambda API, PutFunctionEventInvokeConfig). */
export const lambdaMaxRetries = 2;
/** Wait before each retry; Lambda has no setting for it. */
export const lambdaDelaysSeconds: readonly number[] = [60, 120];
/** Greatest age of an event that Lambda still attempts: six hours (the same API). */
export const lambdaMaxEventAgeSeconds = 21_600;
/** Most characters of a function's name; roles and rules have the same limit. */
export const lambdaMaxNameLength = 64;
