import { z } from 'zod';

/** Valid names of functions. On the platform, the name is also a URL segment and a file name. */
export const functionNamePattern = /^[A-Za-z0-9_-]+$/;

/** AWS Lambda's limit for a run, and Netlify's for background functions, in seconds. */
export const backgroundTimeoutSeconds = 900;
/** Netlify's limit for synchronous functions, in seconds. */
export const syncTimeoutSeconds = 60;
/** The largest body of a background call, in bytes (256 KiB). */
export const backgroundMaxPayloadBytes = 262_144;
/** The largest body of a synchronous call, in bytes (6 MiB). */
export const syncMaxPayloadBytes = 6_291_456;
/**
 * The largest artifacts that AWS Lambda and Netlify accept, in bytes: a zip of 50 MiB in a direct
 * upload, and 250 MiB of content however it is uploaded (Lambda quotas).
 */
export const maxZipBytes = 50 * 1024 ** 2;
export const maxUnzippedBytes = 250 * 1024 ** 2;
/**
 * AWS Lambda's asynchronous retry schedule: one minute after the first failure, two minutes after
 * the second, and no attempt of an event older than six hours.
 */
export const defaultRetry = {
  maxAttempts: 3,
  delaysSeconds: [60, 120],
  maxEventAgeSeconds: 21_600,
} as const;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits');

const retrySchema = z.object({
  /** Includes the first attempt. */
  maxAttempts: z.int().min(1).max(10),
  /** Wait after attempt 1, 2, …; the last wait repeats when there are more attempts than delays. */
  delaysSeconds: z.array(z.number().min(0).max(86_400)).max(9),
  /** An invocation older than this is not retried. */
  maxEventAgeSeconds: z.int().min(60).max(86_400),
});

const patternShape = {
  /** The URLPattern pathname as the author wrote it. */
  pattern: z.string().startsWith('/'),
  /** The whole path, when the pattern has no special characters. */
  literal: z.string().optional(),
  /** Otherwise the source of a regular expression over the whole path. */
  expression: z.string().optional(),
};

const routeSchema = z.object({
  ...patternShape,
  /** An empty list stands for any method. */
  methods: z.array(z.string()),
  prefer_static: z.boolean().optional(),
});

const routePatternSchema = z.object(patternShape);

const trafficRulesSchema = z.object({
  action: z.object({
    type: z.string(),
    config: z.object({
      rateLimitConfig: z.object({
        algorithm: z.string(),
        windowSize: z.number(),
        windowLimit: z.number(),
      }),
      aggregate: z.object({ keys: z.array(z.object({ type: z.string() })) }),
      to: z.string().optional(),
    }),
  }),
});

const destinationsSchema = z.object({
  /** The outcome is sent here, by POST, after the last attempt. */
  onSuccess: z.url().optional(),
  onFailure: z.url().optional(),
});

const artifactSchema = z.object({
  /** File name beside the manifest. */
  file: z.string().regex(/^[A-Za-z0-9_-]+\.zip$/, 'expected "<name>.zip", beside the manifest'),
  /** Bytes of the zip. */
  size: z.int().min(0),
  /** Bytes of the content; absent in manifests of bgfn 0.1. */
  unzippedSize: z.int().min(0).optional(),
  /** Digest of the zip's bytes. */
  sha256: sha256Schema,
  /** Digest over the sorted (path, mode, bytes) of the content: independent of the zlib build. */
  contentDigest: sha256Schema,
});

export const manifestFunctionSchema = z.object({
  name: z
    .string()
    .regex(functionNamePattern, 'a function name has letters, digits, "-" and "_" only'),
  displayName: z.string().optional(),
  generator: z.string().optional(),
  runtime: z.enum(['js', 'go']),
  runtimeVersion: z.string().optional(),
  /**
   * The CPU the artifact was built for, set when the artifact contains native code or the author
   * chose one. Without the field the artifact runs on any CPU.
   */
  architecture: z.enum(['x64', 'arm64']).optional(),
  bundler: z.enum(['esbuild', 'nft', 'none']).optional(),
  mainFile: z.string(),
  path: z.string(),
  endpoint: z.string(),
  handler: z.string(),
  invocationMode: z.enum(['background', 'stream', 'buffer']),
  /** In seconds. */
  timeout: z.number().positive().max(900),
  retry: retrySchema.optional(),
  maxPayloadBytes: z.int().positive(),
  schedule: z.string().optional(),
  routes: z.array(routeSchema).optional(),
  excludedRoutes: z.array(routePatternSchema).optional(),
  /** Methods that the function's own endpoint accepts; without this field it accepts any. */
  methods: z.array(z.string()).optional(),
  region: z.string().optional(),
  /** In MB. */
  memory: z.int().optional(),
  vcpu: z.number().optional(),
  trafficRules: trafficRulesSchema.optional(),
  eventSubscriptions: z.array(z.string()).optional(),
  destinations: destinationsSchema.optional(),
  artifact: artifactSchema,
  buildData: z.object({
    runtimeAPIVersion: z.int().optional(),
    bootstrapVersion: z.string().optional(),
  }),
  priority: z.int(),
});

export const manifestVersion = 1;

export const manifestSchema = z.object({
  $schema: z.string().optional(),
  version: z.literal(manifestVersion),
  generator: z.string(),
  system: z.object({ arch: z.string(), platform: z.string() }),
  functions: z.array(manifestFunctionSchema),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFunction = z.infer<typeof manifestFunctionSchema>;
export type RetryPolicy = z.infer<typeof retrySchema>;
export type Route = z.infer<typeof routeSchema>;
export type RoutePattern = z.infer<typeof routePatternSchema>;
export type TrafficRules = z.infer<typeof trafficRulesSchema>;
export type Destinations = z.infer<typeof destinationsSchema>;
export type ArtifactRecord = z.infer<typeof artifactSchema>;
