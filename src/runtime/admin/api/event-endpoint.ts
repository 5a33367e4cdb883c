import type { ApiRequest } from './api-request.ts';
import { readText, sendJson } from './json-messages.ts';

/** Calls every function that listens to the platform event `slug`. */
export async function emitEvent({
  request,
  response,
  parameters: [slug = ''],
  context,
}: ApiRequest): Promise<void> {
  const text = await readText(request, response);
  if (text === undefined) return;
  sendJson(response, 202, { invocations: await context.emit(slug, text) });
}
