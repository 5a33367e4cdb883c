import type { PlannedFunction } from './lambda-plan.ts';

/** A function as it is on AWS now. */
export interface RemoteFunction {
  /** Base64, as Lambda reports it. */
  readonly codeSha256: string;
  readonly runtime: string | undefined;
  readonly handler: string | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly memoryMb: number | undefined;
  readonly architecture: string | undefined;
  readonly roleArn: string | undefined;
  readonly deadLetterArn: string | undefined;
  /** Undefined when asynchronous invocation was never configured. */
  readonly asynchronous:
    | {
        readonly maxRetries: number | undefined;
        readonly maxEventAgeSeconds: number | undefined;
      }
    | undefined;
}

export interface DeploySettings {
  /** Put before every function name. */
  readonly namePrefix: string;
  /**
   * The role that functions run under. Needed to create a function; undefined keeps the role of an
   * existing one.
   */
  readonly roleArn?: string | undefined;
  /** Queue or topic that gets events whose last attempt failed. */
  readonly deadLetterArn?: string | undefined;
}

/** One call that has to be made, with the differences that it removes, for display. */
export type Change =
  | { readonly kind: 'create'; readonly differences: readonly Difference[] }
  | { readonly kind: 'update-code'; readonly differences: readonly Difference[] }
  | { readonly kind: 'update-configuration'; readonly differences: readonly Difference[] }
  | { readonly kind: 'put-event-invoke-config'; readonly differences: readonly Difference[] };

export interface Difference {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The calls that bring a function on AWS to the state in the manifest, in the order to make them.
 * An empty list means that nothing differs.
 */
export function changesFor(
  fn: PlannedFunction,
  remote: RemoteFunction | undefined,
  settings: DeploySettings,
): readonly Change[] {
  return [
    ...functionChanges(fn, remote, settings),
    ...(fn.background ? eventInvokeChanges(fn, remote) : []),
  ];
}

function functionChanges(
  fn: PlannedFunction,
  remote: RemoteFunction | undefined,
  settings: DeploySettings,
): readonly Change[] {
  const code = differences([
    ['code', remote?.codeSha256, toBase64(fn.sha256)],
    ['architecture', remote?.architecture, fn.architecture],
  ]);
  const configuration = differences([
    ['runtime', remote?.runtime, fn.runtime],
    ['handler', remote?.handler, fn.handler],
    ['timeout', seconds(remote?.timeoutSeconds), seconds(fn.timeoutSeconds)],
    ['memory', megabytes(remote?.memoryMb), megabytes(fn.memoryMb)],
    ['role', remote?.roleArn, settings.roleArn],
    ['dead letters', remote?.deadLetterArn, fn.background ? settings.deadLetterArn : undefined],
  ]);
  if (remote === undefined) {
    return [{ kind: 'create', differences: [...code, ...configuration] }];
  }
  const changes: readonly Change[] = [
    { kind: 'update-configuration', differences: configuration },
    { kind: 'update-code', differences: code },
  ];
  return changes.filter((change) => change.differences.length > 0);
}

function eventInvokeChanges(
  fn: PlannedFunction,
  remote: RemoteFunction | undefined,
): readonly Change[] {
  const found = differences([
    ['retries', remote?.asynchronous?.maxRetries?.toString(), String(fn.maxRetries)],
    [
      'event age',
      seconds(remote?.asynchronous?.maxEventAgeSeconds),
      seconds(fn.maxEventAgeSeconds),
    ],
  ]);
  return found.length === 0 ? [] : [{ kind: 'put-event-invoke-config', differences: found }];
}

/** A hex digest in base64, the form of Lambda's `CodeSha256`. */
export function toBase64(hexDigest: string): string {
  return Buffer.from(hexDigest, 'hex').toString('base64');
}

/**
 * The rows whose values differ. A row is a name, the value on AWS and the wanted value; a wanted
 * value of undefined keeps the value on AWS.
 */
function differences(
  rows: readonly (readonly [string, string | undefined, string | undefined])[],
): readonly Difference[] {
  return rows.flatMap(([what, from, to]) =>
    from === to || to === undefined ? [] : [{ what, from: from ?? '(none)', to }],
  );
}

const seconds = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${value} s`;
const megabytes = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${value} MB`;
