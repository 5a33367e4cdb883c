import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { stackOf } from '../../diagnostic/system-error.ts';
import { sendError } from '../http/error-answer.ts';
import { createHttpServer, defaultHttpLimits } from '../http/server/http-server.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Metrics } from '../observe/metrics.ts';
import { checkAdminRequest, type AccessRefusal } from './access.ts';
import { answerApi } from './api/answer-api.ts';
import type { ApiContext } from './api/api-request.ts';
import { createLogStreams } from './api/log-stream.ts';
import { renderMetrics } from './prometheus.ts';
import { sendPage } from './send-page.ts';

/** The parts of the runtime that the admin port shows and changes. */
export interface AdminContext extends Omit<ApiContext, 'logStreams'> {
  /** The token that every request must contain, if there is one. */
  readonly token?: string | undefined;
  /** Logs the failures of the admin port itself. */
  readonly logs: LogSink;
  readonly metrics: Metrics;
  readonly isReady: () => Promise<boolean>;
  /** Calls `listener` when lines were logged, until the returned function is called. */
  readonly onLogLine: (listener: () => void) => () => void;
}

/**
 * Creates the server of the admin port: probes, metrics, the JSON API and the admin page. The port
 * for calls of functions has another server.
 */
export function createAdminServer(admin: AdminContext): Server {
  const api: ApiContext = {
    ...admin,
    logStreams: createLogStreams(admin.logStore, admin.onLogLine),
  };
  return createHttpServer(
    (request, response) => {
      // A write to a connection that the caller has closed emits an error, which would end the
      // process without a listener.
      response.on('error', () => {});
      answer(request, response, admin, api).catch((error: unknown) => {
        admin.logs.platform({
          level: 'error',
          text: `The admin API failed: ${stackOf(error)}`,
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  admin: AdminContext,
  api: ApiContext,
): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-frame-options', 'DENY');
  const url = parseTarget(request.url ?? '/');
  if (url === null) {
    sendError(response, {
      status: 400,
      errorType: 'BadRequest',
      errorMessage: 'The request target is not valid.',
    });
    return;
  }
  // Before the access check, because probes have no token. Their answer is one word.
  if (await sendProbe(response, url.pathname, admin)) return;
  const refusal = checkAdminRequest(request, admin);
  if (refusal !== undefined) {
    sendRefusal(response, refusal);
    return;
  }
  if (url.pathname === '/metrics') {
    const text = await renderMetrics(admin.metrics, admin.store, admin.now());
    sendText(response, 200, text, 'text/plain; version=0.0.4; charset=utf-8');
    return;
  }
  if (await sendPage(request, response, url.pathname)) return;
  await answerApi(request, response, url, api);
}

/** Answers a probe of liveness or readiness. Returns false if the path is not that of a probe. */
async function sendProbe(
  response: ServerResponse,
  pathname: string,
  admin: AdminContext,
): Promise<boolean> {
  if (pathname !== '/healthz' && pathname !== '/readyz') return false;
  const ok = pathname === '/healthz' || (await admin.isReady());
  sendText(response, ok ? 200 : 503, ok ? 'ok\n' : 'not ready\n', 'text/plain; charset=utf-8');
  return true;
}

function sendRefusal(response: ServerResponse, refusal: AccessRefusal): void {
  // With this header browsers prompt for the token as a password.
  const headers =
    refusal.status === 401
      ? { 'www-authenticate': 'Basic realm="bgfn", charset="UTF-8"' }
      : undefined;
  sendError(response, { ...refusal, headers });
}

/**
 * Parses a request target: a path (also a path that begins with two slashes), or a full URL, which
 * proxies get. Returns `null` for anything else.
 */
function parseTarget(target: string): URL | null {
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
