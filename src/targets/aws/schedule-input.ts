import type { PlannedFunction } from './lambda-plan.ts';

/** The event of a scheduled run, as the platform's clock sends it. */
export function scheduleInput(fn: PlannedFunction): string {
  return JSON.stringify({
    httpMethod: 'POST',
    path: `/.netlify/functions/${fn.name}`,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Netlify Clockwork',
      'x-nf-event': 'schedule',
    },
    body: '{}',
    isBase64Encoded: false,
  });
}
