import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { sendError } from '../../http/error-answer.ts';
import { StoreUnavailableError } from '../../queue/store.ts';
import type { ApiContext } from './api-request.ts';
import { sendJson } from './json-messages.ts';
import { apiRoutes } from './routes.ts';

/** Answers a request under `/api/`, and `/api` itself with the list of endpoints. */
export async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  context: ApiContext,
): Promise<void> {
  const { pathname, searchParams: query } = url;
  if (pathname === '/api' || pathname === '/api/') {
    sendJson(response, 200, {
      name: 'bgfn',
      endpoints: apiRoutes.map(({ method, shown }) => `${method} ${shown}`),
    });
    return;
  }
  const matching = apiRoutes.filter(({ path }) => path.test(pathname));
  const route = matching.find(({ method }) => method === request.method);
  if (route === undefined) {
    const allowedMethods = matching.map(({ method }) => method);
    refuseUnknown(request, response, pathname, allowedMethods);
    return;
  }
  const parameters = (route.path.exec(pathname) ?? []).slice(1).map(decodeParameter);
  try {
    await route.answer({ request, response, query, parameters, context });
  } catch (error) {
    sendFailure(response, error);
  }
}

/** Answers 404 for a path without endpoints, and 405 for a method that its endpoints do not take. */
function refuseUnknown(
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
  allowedMethods: readonly string[],
): void {
  if (allowedMethods.length === 0) {
    sendError(response, {
      status: 404,
      errorType: 'NotFound',
      errorMessage: `There is nothing at ${pathname}.`,
    });
  } else {
    sendError(response, {
      status: 405,
      errorType: 'MethodNotAllowed',
      errorMessage: `${pathname} does not take ${request.method ?? ''}.`,
      headers: { allow: allowedMethods.join(', ') },
    });
  }
}

/** Answers for the expected errors of an endpoint: invalid input, or an unavailable store. */
function sendFailure(response: ServerResponse, error: unknown): void {
  if (error instanceof StoreUnavailableError) {
    sendError(response, {
      status: 503,
      errorType: 'StoreUnavailable',
      errorMessage: error.message,
      headers: { 'retry-after': '5' },
    });
  } else if (error instanceof z.ZodError) {
    sendError(response, {
      status: 400,
      errorType: 'BadRequest',
      errorMessage: z.prettifyError(error),
    });
  } else {
    throw error;
  }
}

function decodeParameter(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
