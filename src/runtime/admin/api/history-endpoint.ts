import type { ApiRequest } from './api-request.ts';
import { sendJson } from './json-messages.ts';

export async function readHistory({ response, context }: ApiRequest): Promise<void> {
  sendJson(response, 200, {
    intervalMs: context.history.intervalMs,
    samples: context.history.samples(),
  });
}
