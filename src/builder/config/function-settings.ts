import { z } from 'zod';
import { scheduleProblem } from './schedule.ts';

// Every setting that an author can give to one function, in the spelling of the in-source `config`.
// The rules are those of Netlify's packager (ZISI) where ZISI has the setting; `retry` and
// `destinations` are bgfn's own.

const regions = [
  'cmh',
  'dub',
  'fra',
  'gru',
  'iad',
  'lhr',
  'nrt',
  'pdx',
  'sfo',
  'sin',
  'syd',
  'yul',
] as const;
/** The names that AWS has for the places of `regions`, in the same order. */
const awsRegions = [
  'us-east-2',
  'eu-west-1',
  'eu-central-1',
  'sa-east-1',
  'us-east-1',
  'eu-west-2',
  'ap-northeast-1',
  'us-west-2',
  'us-west-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
];
/** Netlify's bundlers, the default of which has two names more; bgfn reads those as no choice. */
export const bundlers = ['esbuild', 'nft', 'none', 'zisi', 'esbuild_zisi'] as const;
/** The major versions of Node that functions can run on, in rising order. */
export const nodeMajors = [22, 24] as const;
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const;
const architectures = ['x64', 'arm64'] as const;
const aggregators = ['domain', 'ip'] as const;

const list = <T extends z.ZodType>(item: T) =>
  z.preprocess((value): unknown => (Array.isArray(value) ? value : [value]), z.array(item));
const strings = z.array(z.string());
const pathname = z.string().startsWith('/');
const webUrl = z.url({ protocol: /^https?$/ });

/** The MB that a number or a string such as "2gb" stands for; NaN for any other string. */
export function megabytes(input: unknown): unknown {
  if (typeof input !== 'string') return input;
  const match = /^(\d+(?:\.\d+)?)\s*(mb|gb)?$/i.exec(input.trim());
  if (match === null) return Number.NaN;
  return Number(match[1]) * (match[2]?.toLowerCase() === 'gb' ? 1024 : 1);
}

function lowerCase(input: unknown): unknown {
  return typeof input === 'string' ? input.toLowerCase() : input;
}

function upperCase(input: unknown): unknown {
  return typeof input === 'string' ? input.toUpperCase() : input;
}

/** Accepts the names that Go (`amd64`), AWS and the kernel (`x86_64`, `aarch64`) use as well. */
function architectureName(input: unknown): unknown {
  if (typeof input !== 'string') return input;
  const name = input.toLowerCase();
  if (name === 'amd64' || name === 'x86_64') return 'x64';
  return name === 'aarch64' ? 'arm64' : name;
}

/** The major version in "22", "v22.3", "nodejs22.x" or 22; anything else is returned as it is. */
export function nodeMajor(input: unknown): unknown {
  const match = /^(?:v|nodejs)?(\d+)(?:\.|$)/.exec(String(input));
  return match === null ? input : Number(match[1]);
}

/** Netlify's region at the place of AWS's region; undefined when Netlify has none there. */
export function regionOf(awsRegion: string): string | undefined {
  return regions[awsRegions.indexOf(awsRegion)];
}

const settingsSchema = z.object({
  background: z.boolean(),
  schedule: z.string().refine((value) => scheduleProblem(value) === undefined, {
    error: (issue) => scheduleProblem(String(issue.input)) ?? '',
  }),
  timeout: z.number().positive(),
  memory: z.preprocess(megabytes, z.int().min(1024).max(4096)),
  vcpu: z.number().min(0.5).max(2),
  architecture: z.preprocess(architectureName, z.enum(architectures)),
  region: z.preprocess(lowerCase, z.enum(regions)),
  externalNodeModules: strings,
  ignoredNodeModules: strings,
  includedFiles: strings,
  nodeBundler: z.enum(bundlers),
  nodeVersion: z.preprocess(nodeMajor, z.literal(nodeMajors)),
  name: z.string().min(1),
  generator: z.string().min(1),
  path: list(pathname),
  excludedPath: list(pathname),
  method: list(z.preprocess(upperCase, z.enum(methods))),
  preferStatic: z.boolean(),
  rateLimit: z.object({
    windowSize: z.number().positive(),
    windowLimit: z.number().positive(),
    action: z.enum(['rate_limit', 'rewrite']).optional(),
    aggregateBy: list(z.enum(aggregators)).optional(),
    algorithm: z.enum(['sliding_window']).optional(),
    to: z.string().min(1).optional(),
  }),
  retry: z.object({
    maxAttempts: z.int().min(1).max(10).optional(),
    delaysSeconds: z.array(z.number().min(0).max(86_400)).min(1).max(9).optional(),
    maxEventAgeSeconds: z.int().min(60).max(86_400).optional(),
  }),
  destinations: z.object({ onSuccess: webUrl.optional(), onFailure: webUrl.optional() }),
});

/**
 * Any of the settings. The schema accepts the values as authors write them and returns normalized
 * values (MB, upper-case methods, arrays).
 */
export const functionSettingsSchema = settingsSchema.partial();

export type SettingKey = keyof z.infer<typeof settingsSchema>;
export type FunctionSettings = Readonly<z.infer<typeof functionSettingsSchema>>;
export type RateLimitSetting = NonNullable<FunctionSettings['rateLimit']>;

export const settingKeys: readonly SettingKey[] = settingsSchema.keyof().options;

/** The schema of one setting. */
export function settingSchema(key: SettingKey): z.ZodType {
  return settingsSchema.shape[key];
}

/** The keys inside each setting that is an object. */
export const nestedKeys: Readonly<Partial<Record<SettingKey, readonly string[]>>> = {
  rateLimit: Object.keys(settingsSchema.shape.rateLimit.shape),
  retry: Object.keys(settingsSchema.shape.retry.shape),
  destinations: Object.keys(settingsSchema.shape.destinations.shape),
};

const oneOf = (values: readonly string[]): string =>
  `one of ${values.map((value) => `"${value}"`).join(', ')}`;

/**
 * The rule of each setting, as the end of the sentence "`<key>` must be …". Nested keys are written
 * with a dot.
 */
export const settingRules: Readonly<Record<string, string>> = {
  background: 'true or false',
  schedule:
    'a cron expression of five fields such as "0 8 * * 1", or "@hourly", "@daily", "@weekly", "@monthly", "@yearly"',
  timeout: 'a whole number of seconds from 1 to 900',
  memory: 'from 1024 to 4096 MB, as a number of MB or a string such as "2gb"',
  vcpu: 'a number from 0.5 to 2',
  architecture: '"x64" (amd64) or "arm64"',
  region: oneOf(regions),
  externalNodeModules: 'an array of package names',
  ignoredNodeModules: 'an array of package names',
  includedFiles: 'an array of globs',
  nodeBundler: oneOf(['esbuild', 'nft', 'none']),
  nodeVersion: '"22" or "24"',
  name: 'a string that is not empty',
  generator: 'a string that is not empty',
  path: 'a path that starts with "/", or an array of such paths',
  excludedPath: 'a path that starts with "/", or an array of such paths',
  method: `an HTTP method (${methods.join(', ')}) or an array of them`,
  preferStatic: 'true or false',
  rateLimit: 'an object with windowSize (seconds) and windowLimit (requests)',
  'rateLimit.windowSize': 'a number of seconds above 0',
  'rateLimit.windowLimit': 'a number of requests above 0',
  'rateLimit.action': oneOf(['rate_limit', 'rewrite']),
  'rateLimit.aggregateBy': '"domain", "ip" or an array of them',
  'rateLimit.algorithm': '"sliding_window"',
  'rateLimit.to': 'a path to rewrite to',
  retry: 'an object with maxAttempts, delaysSeconds and maxEventAgeSeconds, each optional',
  'retry.maxAttempts': 'a whole number from 1 to 10, the first run included',
  'retry.delaysSeconds': 'an array of 1 to 9 numbers of seconds from 0 to 86400',
  'retry.maxEventAgeSeconds': 'a whole number of seconds from 60 to 86400',
  destinations: 'an object with onSuccess and onFailure, each an optional URL',
  'destinations.onSuccess': 'an http or https URL',
  'destinations.onFailure': 'an http or https URL',
};
