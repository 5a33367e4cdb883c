import type { ApiRequest } from './api-request.ts';
import { emitEvent } from './event-endpoint.ts';
import { invokeFunction, listFunctions } from './function-endpoints.ts';
import { readHistory } from './history-endpoint.ts';
import {
  cancelInvocation,
  listInvocations,
  retryFailed,
  retryInvocation,
  showInvocation,
} from './invocation-endpoints.ts';
import { readLogs } from './log-endpoints.ts';

interface ApiRoute {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  /** The path and the query parameters in the list at `/api`. */
  readonly shown: string;
  readonly answer: (api: ApiRequest) => Promise<void>;
}

/**
 * Every endpoint of the admin API. A new endpoint is an entry here and a function in the file of
 * its resource; the first entry whose method and path match answers.
 */
export const apiRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: /^\/api\/functions$/,
    shown: '/api/functions',
    answer: listFunctions,
  },
  {
    method: 'POST',
    path: /^\/api\/functions\/([^/]+)\/invoke$/,
    shown: '/api/functions/:name/invoke',
    answer: invokeFunction,
  },
  {
    method: 'POST',
    path: /^\/api\/events\/([^/]+)$/,
    shown: '/api/events/:slug',
    answer: emitEvent,
  },
  {
    method: 'GET',
    path: /^\/api\/invocations$/,
    shown: '/api/invocations?function&state&since&until&before&limit',
    answer: listInvocations,
  },
  {
    method: 'GET',
    path: /^\/api\/invocations\/([^/]+)$/,
    shown: '/api/invocations/:id',
    answer: showInvocation,
  },
  {
    method: 'POST',
    path: /^\/api\/invocations\/retry$/,
    shown: '/api/invocations/retry?function&limit',
    answer: retryFailed,
  },
  {
    method: 'POST',
    path: /^\/api\/invocations\/([^/]+)\/retry$/,
    shown: '/api/invocations/:id/retry',
    answer: retryInvocation,
  },
  {
    method: 'POST',
    path: /^\/api\/invocations\/([^/]+)\/cancel$/,
    shown: '/api/invocations/:id/cancel',
    answer: cancelInvocation,
  },
  {
    method: 'GET',
    path: /^\/api\/history$/,
    shown: '/api/history',
    answer: readHistory,
  },
  {
    method: 'GET',
    path: /^\/api\/logs$/,
    shown: '/api/logs?function&invocation&level&since&until&after&limit&follow',
    answer: readLogs,
  },
];
