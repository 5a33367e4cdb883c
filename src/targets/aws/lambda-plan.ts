import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import type { Manifest, ManifestFunction } from '../../manifest/schema.ts';
import { checkUnzippedSizes } from './artifact-sizes.ts';
import { toEventBridgeCron } from './event-bridge-cron.ts';
import { toGatewayPath } from './gateway-path.ts';
import { lambdaMaxEventAgeSeconds, lambdaMaxRetries } from './lambda-limits.ts';
import { awsNameOf, uniqueIdentifiers } from './lambda-names.ts';
import { portabilityWarnings } from './portability-warnings.ts';

/**
 * Memory of functions without the setting. Lambda assigns CPU by memory, and this is enough for
 * most.
 */
const defaultMemoryMb = 1024;

/**
 * The Lambda functions, routes and schedules that a manifest asks for, before any template
 * language. SAM, Terraform and the direct deployment all start from this plan.
 */
export interface LambdaPlan {
  readonly functions: readonly PlannedFunction[];
  readonly routes: readonly PlannedRoute[];
  readonly warnings: readonly Diagnostic[];
}

export interface PlannedFunction {
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
  /** Name of the zip beside the manifest. */
  readonly zipFile: string;
  readonly zipBytes: number;
  readonly sha256: string;
  readonly background: boolean;
  /** Retries of asynchronous invocations; used for background functions only. */
  readonly maxRetries: number;
  readonly maxEventAgeSeconds: number;
  /** An EventBridge expression. */
  readonly scheduleExpression: string | undefined;
}

export interface PlannedRoute {
  /** In the notation of API Gateway: `/api/orders/{id}`. */
  readonly path: string;
  /** In upper case; an empty list stands for any method. */
  readonly methods: readonly string[];
  readonly function: PlannedFunction;
}

/**
 * Whether Lambda queues events for a function; an event whose last attempt fails becomes a dead
 * letter.
 */
export function isInvokedAsynchronously(fn: PlannedFunction): boolean {
  return fn.background || fn.scheduleExpression !== undefined;
}

/**
 * Plans what to create on AWS for a manifest. A setting that AWS can only approximate or ignore
 * (another retry schedule, a route pattern that API Gateway does not support) is a warning; a
 * setting that would change its meaning is an error.
 *
 * @throws {BgfnError} `NOTHING_TO_DEPLOY`, `SCHEDULE_NOT_PORTABLE`, `AWS_ARTIFACT_TOO_LARGE`
 */
export function planLambda(manifest: Manifest): LambdaPlan {
  if (manifest.functions.length === 0) {
    throw new BgfnError('NOTHING_TO_DEPLOY', 'The manifest has no functions.', { kind: 'config' });
  }
  checkUnzippedSizes(manifest.functions);
  const warnings: Diagnostic[] = [];
  const identifiers = uniqueIdentifiers(manifest.functions.map((fn) => fn.name));
  const functions: PlannedFunction[] = [];
  const routes: PlannedRoute[] = [];
  for (const fn of manifest.functions) {
    const planned = planFunction(fn, identifiers.get(fn.name) ?? fn.name);
    functions.push(planned);
    routes.push(...planRoutes(fn, planned, warnings));
    warnings.push(...portabilityWarnings(fn));
  }
  return { functions, routes, warnings };
}

function planFunction(fn: ManifestFunction, identifier: string): PlannedFunction {
  const { retry, schedule } = fn;
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
    zipBytes: fn.artifact.size,
    sha256: fn.artifact.sha256,
    background: fn.invocationMode === 'background',
    maxRetries: Math.min(lambdaMaxRetries, (retry?.maxAttempts ?? 1 + lambdaMaxRetries) - 1),
    maxEventAgeSeconds: Math.min(
      retry?.maxEventAgeSeconds ?? lambdaMaxEventAgeSeconds,
      lambdaMaxEventAgeSeconds,
    ),
    scheduleExpression: schedule === undefined ? undefined : toEventBridgeCron(schedule),
  };
}

function planRoutes(
  fn: ManifestFunction,
  planned: PlannedFunction,
  warnings: Diagnostic[],
): readonly PlannedRoute[] {
  const ownEndpoint = { path: fn.endpoint, methods: fn.methods ?? [], function: planned };
  const custom = fn.routes ?? [];
  if (custom.length === 0) return [ownEndpoint];
  const routes: PlannedRoute[] = [];
  for (const { pattern, methods } of custom) {
    const gatewayPath = toGatewayPath(pattern);
    if (gatewayPath === undefined) warnings.push(routeWarning(fn.name, pattern));
    else routes.push({ path: gatewayPath, methods, function: planned });
  }
  // A background function stays callable at its own endpoint, because the platform's documentation
  // calls it there.
  return planned.background ? [...routes, ownEndpoint] : routes;
}

function routeWarning(functionName: string, pattern: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'ROUTE_NOT_PORTABLE',
    functionName,
    message: `API Gateway has no form for the path "${pattern}" of ${functionName}; it is left out.`,
    hint: 'Whole segments (`/a/:id`) and a last `/*` can be deployed.',
  };
}
