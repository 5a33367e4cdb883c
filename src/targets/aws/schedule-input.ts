import type { PlannedFunction } from './lambda-plan.ts';

/** The event of a scheduled run, in the form that Netlify's scheduler sends. */
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
