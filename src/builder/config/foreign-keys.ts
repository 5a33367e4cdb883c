import type { SettingKey } from './function-settings.ts';

/** A key with which other platforms, or older guides, say what a setting says here. */
export interface ForeignKey {
  /** The end of the sentence "`<key>` in <place> …": what the build does with the key. */
  readonly problem: string;
  readonly hint: string;
}

/** The place where a key was found. */
export interface KeyPlace {
  /** The settings that are allowed there. */
  readonly allowed: readonly SettingKey[];
  /** Everything that is set there. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether the function is a background function without the key. */
  readonly isBackground: boolean;
  /** A setting as it is written there: `timeout: 60` or `timeout = 60`. */
  readonly write: (key: SettingKey, value: unknown) => string;
}

/** Explains a key that is no setting; undefined for a key that stands for none either. */
export function explainForeignKey(
  key: string,
  value: unknown,
  place: KeyPlace,
): ForeignKey | undefined {
  if (wantsBackground(key, value)) return backgroundKey(place);
  if (wantsSchedule(key, value)) return scheduleType(place);
  if (key === 'runtime' && typeof value === 'string') return runtimeKey(value, place);
  if (key === 'api' || key === 'bodyParser') {
    return {
      problem:
        'is a setting of Next.js and has no effect: the request reaches the function unparsed',
      hint: 'Remove it.',
    };
  }
  const meant = Object.hasOwn(renamed, key) ? renamed[key] : undefined;
  if (meant === undefined || !place.allowed.includes(meant.setting)) return undefined;
  const problem = 'is not read';
  if (place.values[meant.setting] !== undefined) {
    return { problem, hint: `Remove it: \`${meant.setting}\` is set.` };
  }
  const converted = meant.convert?.(value) ?? value;
  return { problem, hint: `Write \`${place.write(meant.setting, converted)}\`.` };
}

function wantsBackground(key: string, value: unknown): boolean {
  if (key === 'type') return value === 'background' || value === 'experimental-background';
  return value === true && ['isBackground', 'backgroundFunction', 'async', 'isAsync'].includes(key);
}

/** `type: 'experimental-background'` is what Next.js's API routes on Netlify had. */
function backgroundKey({ isBackground, write }: KeyPlace): ForeignKey {
  return isBackground
    ? {
        problem: 'has no effect: the function is a background function without it',
        hint: 'Remove it.',
      }
    : {
        problem: 'does not make a background function: the caller waits for the response',
        hint: `Write \`${write('background', true)}\`, or end the name of the function in "-background".`,
      };
}

function wantsSchedule(key: string, value: unknown): boolean {
  return key === 'type' && (value === 'scheduled' || value === 'experimental-scheduled');
}

function scheduleType({ values, write }: KeyPlace): ForeignKey {
  return typeof values['schedule'] === 'string'
    ? { problem: 'has no effect: `schedule` alone decides', hint: 'Remove it.' }
    : {
        problem: 'does not schedule the function',
        hint: `Write \`${write('schedule', '@daily')}\`.`,
      };
}

function runtimeKey(value: string, { allowed, write }: KeyPlace): ForeignKey {
  if (value.endsWith('edge')) {
    return {
      problem: 'is not read: the function is built for Node.js, not for the edge',
      hint: 'Move the function to netlify/edge-functions to run it there, or remove `runtime`.',
    };
  }
  const major = /^nodejs(\d+)/.exec(value)?.[1];
  return {
    problem: 'is not read: every function runs on Node.js',
    hint:
      major === undefined || !allowed.includes('nodeVersion')
        ? 'Remove it.'
        : `Write \`${write('nodeVersion', major)}\`.`,
  };
}

interface Renamed {
  readonly setting: SettingKey;
  /** The value of the setting; undefined for a value that cannot be converted. */
  readonly convert?: (value: unknown) => unknown;
}

/** Attempts count the first run, and retries do not. */
const retries: Renamed = {
  setting: 'retry',
  convert: (value) => ({ maxAttempts: Number(value) + 1 }),
};
const attempts: Renamed = {
  setting: 'retry',
  convert: (value) => ({ maxAttempts: Number(value) }),
};
/** Vercel's names of regions end in a digit, and are given as a list. */
const regions: Renamed = {
  setting: 'region',
  convert: (value) => {
    const [first] = Array.isArray(value) ? value : [value];
    return typeof first === 'string' ? first.replace(/^([a-z]{3})1$/, '$1') : 'iad';
  },
};
const renamed: Readonly<Record<string, Renamed>> = {
  ...sameValue('schedule', [
    'cron',
    'crons',
    'cronExpression',
    'cronSchedule',
    'scheduleExpression',
  ]),
  ...sameValue('timeout', ['maxDuration', 'timeoutSeconds', 'timeoutInSeconds']),
  timeoutMs: { setting: 'timeout', convert: (value) => Math.ceil(Number(value) / 1000) },
  ...sameValue('memory', ['memorySize', 'memoryMB', 'memoryInMB', 'memorySizeInMB']),
  regions,
  preferredRegion: regions,
  ...sameValue('path', ['matcher', 'route', 'routes', 'paths', 'url', 'urls', 'pattern']),
  ...sameValue('excludedPath', ['exclude', 'excludePath', 'excludePaths', 'excludedPaths']),
  ...sameValue('method', ['methods', 'httpMethod', 'httpMethods']),
  ...sameValue('includedFiles', ['include', 'includeFiles', 'files']),
  ...sameValue('externalNodeModules', ['external', 'externals', 'externalModules']),
  ...sameValue('nodeBundler', ['bundler']),
  ...sameValue('architecture', ['arch', 'architectures']),
  retries,
  maxRetries: retries,
  maxRetryAttempts: retries,
  maximumRetryAttempts: retries,
  attempts,
  maxAttempts: attempts,
};

function sameValue(setting: SettingKey, keys: readonly string[]): Record<string, Renamed> {
  return Object.fromEntries(keys.map((key) => [key, { setting }]));
}
