import type { RunResponse } from '../worker/worker.ts';

/**
 * The longest response that is passed on, bytes. What the adapter leaves of one (64 KiB of body)
 * fits in as JSON, whatever has to be escaped.
 */
const longestResponse = 512 * 1024;

/**
 * What a destination gets to see of a function's response, JSON text. `undefined` when the response
 * is no JSON; the status code alone when it was streamed or is too long.
 */
export function responseForDestination(response: RunResponse): string | undefined {
  if (response.kind === 'streamed') return JSON.stringify({ statusCode: response.statusCode });
  const text = Buffer.from(response.body).toString('utf8');
  try {
    const answer: unknown = JSON.parse(text);
    return response.body.byteLength <= longestResponse
      ? text
      : JSON.stringify({ statusCode: statusCodeOf(answer), bodyTooLong: true });
  } catch {
    return undefined;
  }
}

function statusCodeOf(answer: unknown): number | undefined {
  return typeof answer === 'object' &&
    answer !== null &&
    'statusCode' in answer &&
    typeof answer.statusCode === 'number'
    ? answer.statusCode
    : undefined;
}
