/**
 * Loads an unpacked artifact and calls it once: `node invoke-artifact.ts <entry file>`. Prints one
 * line of JSON. An artifact of bgfn or ZISI exports a Lambda `handler`, a plain bundle its default
 * export.
 */
import { PassThrough, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const file = process.argv[2] ?? '';
process.on('uncaughtException', (error) => {
  report({ ok: false, text: String(error.stack) });
});

function report(outcome: {
  ok: boolean;
  text: string;
  importMs?: number;
  answerMs?: number;
}): never {
  process.stdout.write(`\n${JSON.stringify({ ...outcome, text: outcome.text.slice(0, 1500) })}\n`);
  process.exit(0);
}

type Callable = (
  ...parameters: unknown[]
) => Promise<{ statusCode?: number; body?: unknown; text?: () => Promise<string> }>;

/** The metadata that AWS's runtime keeps for streaming handlers; ZISI's entry reads it. */
const metadata = new WeakMap<Readable, { statusCode?: number }>();
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse:
      (handler: (event: unknown, stream: PassThrough, context: unknown) => Promise<void>) =>
      async (event: unknown, context: unknown) => {
        const stream = new PassThrough();
        const [body] = await Promise.all([text(stream), handler(event, stream, context)]);
        return { statusCode: metadata.get(stream)?.statusCode ?? 200, body };
      },
    HttpResponseStream: {
      from: (stream: PassThrough, head: { statusCode?: number }) => {
        metadata.set(stream, head);
        return stream;
      },
    },
  },
});

const startedAt = performance.now();
try {
  const loaded: { handler?: Callable; default?: Callable & { handler?: Callable } } = await import(
    pathToFileURL(file).href
  );
  const importMs = performance.now() - startedAt;
  const handler = loaded.handler ?? loaded.default?.handler;
  if (handler === undefined) {
    const response = await loaded.default?.(new Request('http://localhost/'), {});
    report({
      ok: true,
      text: (await response?.text?.()) ?? '',
      importMs,
      answerMs: performance.now() - startedAt,
    });
  } else {
    const headers = { host: 'localhost' };
    const event = {
      path: '/',
      rawUrl: 'http://localhost/',
      rawQuery: '',
      httpMethod: 'GET',
      headers,
      multiValueHeaders: {},
      queryStringParameters: {},
      multiValueQueryStringParameters: {},
      body: null,
      isBase64Encoded: false,
    };
    const answer = await handler(event, {
      awsRequestId: '1',
      functionName: 'matrix',
      getRemainingTimeInMillis: () => 60_000,
    });
    const body =
      answer.body instanceof ReadableStream
        ? await new Response(answer.body).text()
        : String(answer.body);
    report({
      ok: answer.statusCode === 200,
      text: body,
      importMs,
      answerMs: performance.now() - startedAt,
    });
  }
} catch (error) {
  report({ ok: false, text: error instanceof Error ? String(error.stack) : String(error) });
}
