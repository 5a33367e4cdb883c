import { isUtf8 } from 'node:buffer';
import { Command } from 'commander';
import pc from 'picocolors';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { formatDuration } from '../../diagnostic/format-duration.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import { contentTypeOf } from '../../runtime/calls/operator-calls.ts';
import { visibleText } from '../../runtime/logs/visible-text.ts';
import type { InvocationDetail } from '../../runtime/queue/store.ts';
import { parseAddress } from '../input/address.ts';
import { type PayloadFlags, readPayload } from '../input/payload.ts';
import { storeOption } from '../input/store-option.ts';
import { jsonLine } from '../output/json.ts';
import { printLogLine } from '../output/log-output.ts';
import { failAfterDocument } from '../output/report-failure.ts';
import { interruptSignal } from '../process/interrupt.ts';
import { outliveReaders } from '../process/standard-streams.ts';
import { followLogs } from '../stores/follow-logs.ts';
import { openStores } from '../stores/open-stores.ts';

interface InvokeFlags extends PayloadFlags {
  readonly method: string;
  readonly header?: readonly string[];
  readonly url: string;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly store: string;
}

/**
 * `bgfn invoke <name>`: calls a function of a running `bgfn serve`. The response body of a sync
 * function goes to stdout. With `--wait` the command follows a background invocation through all
 * its attempts, and the exit code reports the outcome.
 */
export function invokeCommand(): Command {
  return new Command('invoke')
    .description('call a function of a running `bgfn serve`')
    .argument('<name>', 'the function')
    .option('--payload <text>', 'the body of the call')
    .option('--payload-file <file>', 'the body of the call, from a file (- for standard input)')
    .option('-X, --method <method>', 'the HTTP method', 'POST')
    .option('-H, --header <header...>', 'a header of the call, such as "content-type: text/csv"')
    .option('--url <url>', 'where `bgfn serve` listens', parseAddress, 'http://127.0.0.1:8888')
    .option('--wait', 'follow the logs to the end of the last attempt; exit 1 when it failed')
    .option(
      '--json',
      'print a JSON document: the id, or the answer of a sync function; with --wait log lines and the outcome, one a line',
    )
    .addOption(storeOption('with --wait: the queue that `bgfn serve` uses'))
    .action(async (name: string, flags: InvokeFlags) => {
      const response = await call(name, flags);
      if (response.status !== 202) return showSyncResponse(name, response, flags.json === true);
      const id = response.headers.get('x-nf-request-id');
      if (id === null) {
        throw new BgfnError(
          'INVOKE_NO_ID',
          `${flags.url} answered 202 without an invocation id: is it bgfn that listens there?`,
        );
      }
      if (flags.wait === true) {
        process.stderr.write(`${pc.green('202')} accepted as ${id}\n`);
        return waitForEnd(id, flags);
      }
      process.stderr.write(`${pc.green('202')} accepted\n`);
      process.stdout.write(flags.json === true ? jsonLine({ id }) : `${id}\n`);
    });
}

async function call(name: string, flags: InvokeFlags): Promise<Response> {
  const url = new URL(`/.netlify/functions/${encodeURIComponent(name)}`, flags.url);
  const request = requestOf(url, flags, await readPayload(flags));
  try {
    return await fetch(request);
  } catch (error) {
    throw new BgfnError('INVOKE_UNREACHABLE', `Nothing answers at ${url.origin}.`, {
      hint: 'Start the runtime with `bgfn serve` (or `bgfn dev`), or name its address with --url.',
      cause: error,
    });
  }
}

/** @throws {BgfnError} `USAGE` for a method or a header that no request can have. */
function requestOf(
  url: URL,
  flags: InvokeFlags,
  body: string | Uint8Array<ArrayBuffer> | undefined,
): Request {
  const headers = headersOf(flags, body);
  try {
    return new Request(url, {
      method: flags.method.toUpperCase(),
      headers,
      body: body ?? null,
    });
  } catch (error) {
    throw new BgfnError('USAGE', `This call cannot be made: ${messageOf(error)}`, {
      kind: 'usage',
      cause: error,
    });
  }
}

function headersOf(flags: InvokeFlags, body: string | Uint8Array | undefined): Headers {
  const headers = new Headers();
  if (typeof body === 'string') headers.set('content-type', contentTypeOf(body));
  for (const line of flags.header ?? []) {
    const colon = line.indexOf(':');
    if (colon < 1) {
      throw new BgfnError('USAGE', `"${line}" is not a header.`, {
        kind: 'usage',
        hint: 'Write it as "name: value".',
      });
    }
    try {
      headers.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    } catch (error) {
      throw new BgfnError('USAGE', `"${line}" is not a header: ${messageOf(error)}`, {
        kind: 'usage',
        cause: error,
      });
    }
  }
  return headers;
}

async function showSyncResponse(name: string, response: Response, json: boolean): Promise<void> {
  process.stderr.write(
    `${response.ok ? pc.green(String(response.status)) : pc.red(String(response.status))} ${response.statusText}\n`,
  );
  const body = new Uint8Array(await response.arrayBuffer());
  process.stdout.write(json ? jsonLine(proxyResultOf(response, body)) : body);
  if (response.status >= 400) {
    failAfterDocument(new BgfnError('INVOKE_FAILED', `${name} answered ${response.status}.`));
  }
}

/**
 * A response as a proxy result, the form that v1 functions return: a text body as text, other bytes
 * in base64.
 */
function proxyResultOf({ status, headers }: Response, body: Uint8Array): object {
  const bytes = Buffer.from(body);
  const answer = { statusCode: status, headers: Object.fromEntries(headers) };
  return isUtf8(bytes)
    ? { ...answer, body: bytes.toString(), isBase64Encoded: false }
    : { ...answer, body: bytes.toString('base64'), isBase64Encoded: true };
}

async function waitForEnd(id: string, flags: InvokeFlags): Promise<void> {
  // The exit code has to report the outcome, also when nobody reads the output.
  outliveReaders();
  await using stores = await openStores(flags.store);
  using interrupt = interruptSignal();
  let detail: InvocationDetail | undefined;
  await followLogs(stores.logs, {
    filter: { invocationId: id },
    signal: interrupt.signal,
    onLine: (line) => printLogLine(line, flags.json === true),
    isDone: async () => {
      detail = await stores.store.get(id);
      if (detail === undefined) {
        throw new BgfnError(
          'INVOCATION_UNKNOWN',
          `The queue ${flags.store} does not know invocation ${id}.`,
          { hint: 'Name the queue that `bgfn serve` uses with --store.' },
        );
      }
      return detail.invocation.state !== 'queued' && detail.invocation.state !== 'running';
    },
  });
  if (detail !== undefined && !interrupt.signal.aborted) showOutcome(detail, flags.json === true);
}

function showOutcome({ invocation }: InvocationDetail, json: boolean): void {
  if (json) process.stdout.write(jsonLine(invocation));
  const attempts = `${invocation.attempt} ${invocation.attempt === 1 ? 'attempt' : 'attempts'}`;
  if (invocation.state === 'succeeded') {
    process.stderr.write(
      `${pc.green('succeeded')} after ${attempts}, ${formatDuration(invocation.finishedAtMs - invocation.acceptedAtMs)}\n`,
    );
    return;
  }
  const why =
    invocation.state === 'failed'
      ? `: ${visibleText(`${invocation.lastError.type}: ${invocation.lastError.message}`)}`
      : '';
  failAfterDocument(
    new BgfnError(
      'INVOCATION_NOT_SUCCEEDED',
      `${invocation.functionName} ${invocation.state} after ${attempts}${why}`,
    ),
  );
}
