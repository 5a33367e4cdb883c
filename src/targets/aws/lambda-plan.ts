import { hash } from 'node:crypto';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { DiagnosticCode } from '../../diagnostic/codes.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Manifest, ManifestFunction } from '../../manifest/schema.ts';
import { toEventBridgeCron } from './event-bridge-cron.ts';
import { toGatewayPath } from './gateway-path.ts';

/** What AWS Lambda's asynchronous invocation can be told (Lambda API, PutFunctionEventInvokeConfig). */
const lambdaMaxRetries = 2;
const lambdaDelaysSeconds = [60, 120];
/** Lambda's limit of a function's name; roles and rules have the same. */
export const lambdaMaxNameLength = 64;
/** What of it a function's own name may take, so that prefix and stage have their place. */
const maxOwnNameLength = 40;
/** Lambda's default, and enough CPU for most functions that say nothing. */
const defaultMemoryMb = 1024;

/**
 * A manifest in the terms of AWS, before any template language: what SAM, Terraform and the direct
 * deployment have in common.
 */
export interface Deployment {
  readonly functions: readonly DeployedFunction[];
  readonly routes: readonly DeployedRoute[];
  readonly warnings: readonly Diagnostic[];
}

export interface DeployedFunction {
  readonly name: string;
  /** The name on AWS, without prefix and stage: at most 40 characters. */
  readonly awsName: string;
  /**
   * Letters and digits only, unique: CloudFormation's logical ids and Terraform's resource names
   * begin with it.
   */
  readonly identifier: string;
  /** `nodejs24.x` or `provided.al2023`. */
  readonly runtime: string;
  readonly handler: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Zip beside the manifest. */
  readonly zipFile: string;
  readonly sha256: string;
  readonly background: boolean;
  /** Of asynchronous invocations; background functions only. */
  readonly maxRetries: number;
  readonly maxEventAgeSeconds: number;
  /** An EventBridge expression. */
  readonly scheduleExpression?: string;
}

export interface DeployedRoute {
  /** In the notation of API Gateway: `/api/orders/{id}`. */
  readonly path: string;
  /** Upper case; empty: any. */
  readonly methods: readonly string[];
  readonly function: DeployedFunction;
}

/**
 * Says what to create on AWS for a manifest. What AWS cannot do as written (another retry schedule,
 * a route pattern API Gateway does not know) is a warning; what would be wrong is an error.
 *
 * @throws BgfnError `NOTHING_TO_DEPLOY`, `SCHEDULE_NOT_PORTABLE`.
 */
export function planDeployment(manifest: Manifest): Deployment {
  if (manifest.functions.length === 0) {
    throw new BgfnError('NOTHING_TO_DEPLOY', 'The manifest has no functions.', { kind: 'config' });
  }
  const warnings: Diagnostic[] = [];
  const identifiers = uniqueIdentifiers(manifest.functions.map((fn) => fn.name));
  const functions: DeployedFunction[] = [];
  const routes: DeployedRoute[] = [];
  for (const fn of manifest.functions) {
    const deployed = toDeployedFunction(fn, identifiers.get(fn.name) ?? fn.name);
    functions.push(deployed);
    routes.push(...toRoutes(fn, deployed, warnings));
    warnings.push(...notPortable(fn));
  }
  return { functions, routes, warnings };
}

function toDeployedFunction(fn: ManifestFunction, identifier: string): DeployedFunction {
  const background = fn.invocationMode === 'background';
  return {
    name: fn.name,
    awsName: awsNameOf(fn.name),
    identifier,
    runtime: fn.runtimeVersion ?? (fn.runtime === 'go' ? 'provided.al2023' : 'nodejs24.x'),
    handler: fn.handler,
    architecture: fn.architecture === 'arm64' ? 'arm64' : 'x86_64',
    timeoutSeconds: Math.ceil(fn.timeout),
    memoryMb: fn.memory ?? defaultMemoryMb,
    zipFile: fn.artifact.file,
    sha256: fn.artifact.sha256,
    background,
    maxRetries: Math.min(lambdaMaxRetries, (fn.retry?.maxAttempts ?? 1 + lambdaMaxRetries) - 1),
    maxEventAgeSeconds: Math.min(fn.retry?.maxEventAgeSeconds ?? 21_600, 21_600),
    ...(fn.schedule === undefined ? {} : { scheduleExpression: toEventBridgeCron(fn.schedule) }),
  };
}

/** A long name is cut, and told from others by a digest of the whole. */
function awsNameOf(name: string): string {
  return name.length <= maxOwnNameLength
    ? name
    : `${name.slice(0, maxOwnNameLength - 9)}-${hash('sha256', name).slice(0, 8)}`;
}

function toRoutes(
  fn: ManifestFunction,
  deployed: DeployedFunction,
  warnings: Diagnostic[],
): readonly DeployedRoute[] {
  const custom = fn.routes ?? [];
  if (custom.length === 0) {
    return [{ path: fn.endpoint, methods: fn.methods ?? [], function: deployed }];
  }
  const routes = custom.flatMap((route) => {
    const path = toGatewayPath(route.pattern);
    if (path !== undefined) return [{ path, methods: route.methods, function: deployed }];
    warnings.push({
      severity: 'warning',
      code: 'ROUTE_NOT_PORTABLE',
      functionName: fn.name,
      message: `API Gateway has no form for the path "${route.pattern}" of ${fn.name}; it is left out.`,
      hint: 'Whole segments (`/a/:id`) and a last `/*` can be deployed.',
    });
    return [];
  });
  // A background function stays callable at its own endpoint: that is how the platform's documentation calls it.
  return deployed.background
    ? [...routes, { path: fn.endpoint, methods: fn.methods ?? [], function: deployed }]
    : routes;
}

function notPortable(fn: ManifestFunction): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const warn = (code: DiagnosticCode, message: string, hint: string): void => {
    found.push({ severity: 'warning', code, functionName: fn.name, message, hint });
  };
  if (fn.invocationMode === 'background' && fn.retry !== undefined) {
    const { maxAttempts, delaysSeconds } = fn.retry;
    const used = delaysSeconds.slice(0, maxAttempts - 1);
    if (
      maxAttempts > 1 + lambdaMaxRetries ||
      used.some((delay, index) => delay !== lambdaDelaysSeconds[index])
    ) {
      warn(
        'RETRY_NOT_PORTABLE',
        `${fn.name} asks for ${maxAttempts} attempts after ${delaysSeconds.join(', ')} s; AWS Lambda does at most 3, after 60 and 120 s.`,
        'On AWS it gets the nearest of these.',
      );
    }
  }
  if ((fn.excludedRoutes ?? []).length > 0) {
    warn(
      'EXCLUDED_PATH_NOT_PORTABLE',
      `API Gateway has no excluded paths; those of ${fn.name} are ignored.`,
      'Give the excluded path a function of its own.',
    );
  }
  if (awsNameOf(fn.name) !== fn.name) {
    warn(
      'NAME_SHORTENED',
      `${fn.name} is called ${awsNameOf(fn.name)} on AWS: names there have at most ${lambdaMaxNameLength} characters, prefix and stage included.`,
      'Its URL keeps the whole name.',
    );
  }
  if (fn.trafficRules !== undefined) {
    warn(
      'RATE_LIMIT_NOT_PORTABLE',
      `The rate limit of ${fn.name} is not deployed.`,
      'Set throttling on the API stage or use AWS WAF.',
    );
  }
  if (fn.destinations !== undefined) {
    warn(
      'DESTINATION_NOT_PORTABLE',
      `${fn.name} sends its outcome to a URL; Lambda's destinations are queues, topics, buses and functions.`,
      'Set the destination parameters of the template to an ARN.',
    );
  }
  return found;
}

function uniqueIdentifiers(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const identifiers = new Map<string, string>();
  for (const name of names) {
    const plain = name
      .split(/[^A-Za-z0-9]+/)
      .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
      .join('');
    let identifier = plain;
    for (let suffix = 2; taken.has(identifier.toLowerCase()); suffix += 1) {
      identifier = `${plain}${suffix}`;
    }
    taken.add(identifier.toLowerCase());
    identifiers.set(name, identifier);
  }
  return identifiers;
}
