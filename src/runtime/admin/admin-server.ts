import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { sendError } from '../http/error-answer.ts';
import { createHttpServer, defaultHttpLimits } from '../http/server/http-server.ts';
import { checkAdminRequest } from './access.ts';
import { answerApi, type AdminContext, type ApiContext } from './api/answer-api.ts';
import { createLogStreams } from './api/log-stream.ts';
import { renderMetrics } from './prometheus.ts';
import { sendPage } from './send-page.ts';

/**
 * The admin port: health, metrics and the JSON API, for operators and the admin page. Its server is
 * not the functions' server.
 */
export function createAdminServer(admin: AdminContext): Server {
  const context: ApiContext = {
    ...admin,
    logStreams: createLogStreams(admin.logStore, admin.onLogLine),
  };
  return createHttpServer(
    (request, response) => {
      response.on('error', () => {});
      handle(request, response, context).catch((error: unknown) => {
        context.logs.platform({
          level: 'error',
          text: `The admin API failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        });
        if (response.headersSent) {
          response.destroy();
        } else {
          sendError(response, {
            status: 500,
            errorType: 'RuntimeError',
            errorMessage: 'The runtime failed to answer; its log says why.',
          });
        }
      });
    },
    { ...defaultHttpLimits, maxConnections: 200 },
  );
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  context: ApiContext,
): Promise<void> {
  const url = urlOf(request.url ?? '/');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-frame-options', 'DENY');
  if (url === null) {
    sendError(response, {
      status: 400,
      errorType: 'BadRequest',
      errorMessage: 'The request target is not valid.',
    });
    return;
  }
  if (url.pathname === '/healthz' || url.pathname === '/readyz') {
    // For probes: they say one word and need no token.
    const ok = url.pathname === '/healthz' || (await context.isReady());
    sendText(response, ok ? 200 : 503, ok ? 'ok\n' : 'not ready\n', 'text/plain; charset=utf-8');
    return;
  }
  const refusal = checkAdminRequest(
    request,
    context.token === undefined ? {} : { token: context.token },
  );
  if (refusal !== undefined) {
    sendError(response, {
      ...refusal,
      ...(refusal.status === 401
        ? { headers: { 'www-authenticate': 'Basic realm="bgfn", charset="UTF-8"' } }
        : {}),
    });
    return;
  }
  if (url.pathname === '/metrics') {
    sendText(
      response,
      200,
      await renderMetrics(context.metrics, context.store, context.now()),
      'text/plain; version=0.0.4; charset=utf-8',
    );
    return;
  }
  if (await sendPage(request, response, url.pathname)) return;
  await answerApi(request, response, url, context);
}

/**
 * Of a target, which is a path, or a whole address where a proxy is spoken to; a path that begins
 * with two slashes is a path all the same.
 */
function urlOf(target: string): URL | null {
  return URL.parse(target.startsWith('/') ? `http://admin${target}` : target);
}

function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  contentType: string,
): void {
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
