const prefix = '/2018-06-01/runtime/';

/** A call of a worker to its Runtime API, with the method that the API expects. */
export type RuntimeApiCall =
  | { readonly kind: 'next'; readonly method: 'GET' }
  | { readonly kind: 'init-error'; readonly method: 'POST' }
  | {
      readonly kind: 'response' | 'error';
      readonly method: 'POST';
      readonly requestId: string;
    };

/** Parses the URL of a call. Returns `undefined` if the Runtime API has no such path. */
export function parseCall(url: string): RuntimeApiCall | undefined {
  const callPath = callPathOf(url);
  if (callPath === 'invocation/next') return { kind: 'next', method: 'GET' };
  if (callPath === 'init/error') return { kind: 'init-error', method: 'POST' };
  const [, requestId, action] = /^invocation\/([^/]*)\/(response|error)$/.exec(callPath) ?? [];
  if (requestId === undefined) return undefined;
  return { kind: action === 'error' ? 'error' : 'response', method: 'POST', requestId };
}

/** Returns the path after the version of the API, without the query. */
export function callPathOf(url: string): string {
  return url.startsWith(prefix) ? (url.slice(prefix.length).split('?', 1)[0] ?? '') : '';
}
