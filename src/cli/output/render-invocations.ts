import pc from 'picocolors';
import { formatDuration } from '../../diagnostic/format-duration.ts';
import { visibleText } from '../../runtime/logs/visible-text.ts';
import type { AttemptRecord, Invocation, InvocationState } from '../../runtime/queue/invocation.ts';
import type { InvocationDetail } from '../../runtime/queue/store.ts';
import { renderTable } from './table.ts';

const stateColours: Record<
  InvocationState['state'] | AttemptRecord['outcome'],
  (text: string) => string
> = {
  queued: pc.cyan,
  running: pc.blue,
  succeeded: pc.green,
  failed: pc.red,
  cancelled: pc.yellow,
  released: pc.yellow,
};

/** The table of `bgfn invocations list`, or a line when there are no invocations. */
export function renderInvocations(invocations: readonly Invocation[], nowMs: number): string {
  if (invocations.length === 0) return 'No invocations.\n';
  return renderTable(
    ['id', 'function', 'state', 'attempt', 'accepted', ''],
    invocations.map((invocation) => [
      invocation.id,
      invocation.functionName,
      stateColours[invocation.state](invocation.state),
      `${invocation.attempt}/${invocation.retry.maxAttempts}`,
      `${formatDuration(nowMs - invocation.acceptedAtMs)} ago`,
      remark(invocation, nowMs),
    ]),
  );
}

/** One invocation with its attempts, for `bgfn invocations show`. */
export function renderInvocation(detail: InvocationDetail, nowMs: number): string {
  const { invocation, attempts } = detail;
  const lines = [
    `${pc.bold(invocation.functionName)}  ${stateColours[invocation.state](invocation.state)}`,
    `id         ${invocation.id}`,
    `accepted   ${new Date(invocation.acceptedAtMs).toISOString()}`,
    ...(invocation.idempotencyKey === undefined
      ? []
      : [`key        ${visibleText(invocation.idempotencyKey)}`]),
    ...(remark(invocation, nowMs) === '' ? [] : [`           ${remark(invocation, nowMs)}`]),
    ...attempts.flatMap((attempt) => renderAttempt(attempt, nowMs)),
  ];
  return `${lines.join('\n')}\n`;
}

function renderAttempt(attempt: AttemptRecord, nowMs: number): readonly string[] {
  const length = formatDuration((attempt.finishedAtMs ?? nowMs) - attempt.startedAtMs);
  const head = `attempt ${attempt.number}  ${stateColours[attempt.outcome](attempt.outcome)}  ${new Date(attempt.startedAtMs).toISOString()}  ${length}`;
  if (attempt.error === undefined) return ['', head];
  const { reason, type, message, stack } = attempt.error;
  return [
    '',
    head,
    `  ${reason}: ${visibleText(`${type}: ${message}`)}`,
    ...(stack === undefined
      ? []
      : stack
          .split('\n')
          .slice(1)
          .map((line) => pc.dim(`  ${visibleText(line)}`))),
  ];
}

function remark(invocation: Invocation, nowMs: number): string {
  switch (invocation.state) {
    case 'queued':
      if (invocation.availableAtMs <= nowMs) return 'due now';
      return `${invocation.lastError === undefined ? 'due' : `next attempt after ${visibleText(invocation.lastError.type)}`} in ${formatDuration(invocation.availableAtMs - nowMs)}`;
    case 'running':
      return `for ${formatDuration(nowMs - invocation.startedAtMs)}`;
    case 'failed':
      return visibleText(
        `${invocation.lastError.type}: ${firstLine(invocation.lastError.message)}`,
      );
    case 'succeeded':
    case 'cancelled':
      return `took ${formatDuration(invocation.finishedAtMs - invocation.acceptedAtMs)} in all`;
  }
}

function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
