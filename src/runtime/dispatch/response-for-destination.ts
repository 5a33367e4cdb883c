import type { RunResponse } from '../worker/worker.ts';

/**
 * The longest response that a destination gets, bytes. The adapter cuts a body to 64 KiB, which
 * fits as JSON text even if every character has to be escaped.
 */
const longestResponse = 512 * 1024;

/**
 * The part of a function's response that a destination gets, as JSON text: only the status code if
 * the response was streamed or is too long, and `undefined` if it is not JSON.
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
