import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The scripts in `page/`. */
const modules = [
  'actions',
  'address',
  'api',
  'attempt-timeline',
  'elements',
  'format',
  'invocation-detail',
  'invocation-list',
  'invoke',
  'log-line',
  'logs',
  'overview',
  'page',
  'plot',
  'refresh',
  'state-label',
  'status',
];

interface PageFile {
  readonly name: string;
  readonly contentType: string;
}

/** The files of the page, by the path of their URL. */
const files: Readonly<Record<string, PageFile>> = {
  '/': { name: 'index.html', contentType: 'text/html; charset=utf-8' },
  '/page.css': { name: 'page.css', contentType: 'text/css; charset=utf-8' },
  ...Object.fromEntries(
    modules.map((module) => [
      `/${module}.js`,
      { name: `${module}.js`, contentType: 'text/javascript; charset=utf-8' },
    ]),
  ),
};

/**
 * Allows scripts, styles and requests of this server only, so that no output of a function can
 * become code.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Answers with a file of the admin page. Returns false if there is no file with this path. */
export async function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
): Promise<boolean> {
  const file =
    request.method === 'GET' && Object.hasOwn(files, pathname) ? files[pathname] : undefined;
  if (file === undefined) return false;
  const body = await readFile(new URL(`page/${file.name}`, import.meta.url));
  response.writeHead(200, {
    'content-type': file.contentType,
    'content-length': body.length,
    'cache-control': 'no-cache',
    'content-security-policy': contentSecurityPolicy,
  });
  response.end(body);
  return true;
}
