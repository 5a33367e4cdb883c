import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, test } from 'vitest';
import { loadOpenTelemetry } from '../../../src/runtime/tracing/open-telemetry.ts';
import { parseTraceparent } from '../../../src/runtime/tracing/trace-context.ts';
import { Rig } from '../support/rig.ts';

const source = `export const handler = async (event) => {
  console.log('attempt ' + event.headers['x-bgfn-attempt'] + ' sees ' + event.headers.traceparent + ' ' + event.headers.tracestate + ' ' + event.multiValueHeaders.traceparent);
  if (event.body === 'bad') throw new TypeError('no');
  return { statusCode: 200, body: 'ok' };
};`;
const functions = [
  { name: 'work-background', source },
  { name: 'now', source },
];
const caller = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const call = (rig: Rig, name: string, body: string, headers: Record<string, string> = {}) =>
  rig.call(`/.netlify/functions/${name}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/plain', ...headers },
  });

describe('without OpenTelemetry', () => {
  test("the caller's trace reaches every attempt unchanged; a call without a trace begins one", async () => {
    await using rig = await Rig.start(functions, { retryDelaysSeconds: [0, 0] });
    await call(rig, 'work-background', 'bad', { traceparent: caller, tracestate: 'vendor=1' });
    for (const attempt of [1, 2, 3]) {
      await rig.line(new RegExp(`attempt ${attempt} sees ${caller} vendor=1 ${caller}$`));
    }
    await call(rig, 'now', 'good', { traceparent: 'nonsense', tracestate: 'vendor=2' });
    const { text } = await rig.line(/attempt 1 sees \S+ undefined/);
    const [, made] = /sees (\S+)/.exec(text) ?? [];
    expect(parseTraceparent(made)).toBeDefined();
  });
});

describe('with OpenTelemetry', () => {
  afterEach(() => trace.disable());

  const record = (): InMemorySpanExporter => {
    const exporter = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    );
    return exporter;
  };

  test('a call, its wait in the queue and its attempts are one trace, which the function continues', async () => {
    const exporter = record();
    await using rig = await Rig.start(functions, { retryDelaysSeconds: [0, 0] });
    const id = (await call(rig, 'work-background', 'bad', { traceparent: caller })).headers.get(
      'x-nf-request-id',
    );
    await rig.line(/no attempt is left/);
    const spans = exporter.getFinishedSpans();
    expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(
      new Set(['0af7651916cd43dd8448eb211c80319c']),
    );
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [accept] = named('POST work-background');
    expect(accept).toMatchObject({
      kind: SpanKind.SERVER,
      parentSpanContext: { spanId: 'b7ad6b7169203331', isRemote: true },
      attributes: { 'faas.invocation_id': id, 'http.response.status_code': 202 },
    });
    expect(named('queue work-background')).toHaveLength(1);
    const attempts = named('run work-background');
    expect(attempts.map((span) => span.attributes['bgfn.attempt'])).toEqual([1, 2, 3]);
    for (const span of attempts) {
      expect(span.parentSpanContext?.spanId).toBe(accept?.spanContext().spanId);
      expect(span).toMatchObject({
        kind: SpanKind.CONSUMER,
        status: { code: SpanStatusCode.ERROR, message: 'no' },
        attributes: { 'error.type': 'TypeError', 'bgfn.failure_reason': 'error' },
      });
      await rig.line(
        new RegExp(
          `attempt ${String(span.attributes['bgfn.attempt'])} sees 00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`,
        ),
      );
    }
  });

  test('a sync call is a span with its status', async () => {
    const exporter = record();
    await using rig = await Rig.start(functions);
    expect((await call(rig, 'now', 'bad')).status).toBe(502);
    expect((await call(rig, 'now', 'good')).status).toBe(200);
    await rig.runtime.close();
    const spans = exporter.getFinishedSpans();
    expect(
      spans.map((span) => [
        span.name,
        span.attributes['http.response.status_code'],
        span.status.code,
      ]),
    ).toEqual([
      ['POST now', 502, SpanStatusCode.ERROR],
      ['POST now', 200, SpanStatusCode.UNSET],
    ]);
  });
});

test("the project's own copy of the API is looked for first, and a missing API is no error", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'bgfn-otel-'));
  try {
    // The API beside bgfn is found: it is a development dependency of this repository.
    expect(await loadOpenTelemetry(directory)).toBeDefined();
  } finally {
    await rm(directory, { recursive: true });
  }
});
