import type { DiagnosticCode } from '../../diagnostic/codes.ts';
import {
  bundlers,
  megabytes,
  nodeMajor,
  nodeMajors,
  regionOf,
  type SettingKey,
} from './function-settings.ts';

/** The value that is used for a setting, and what its author is told about it. */
export interface Reading {
  /** Undefined when the setting is not used. */
  readonly value: unknown;
  readonly notes: readonly ReadingNote[];
}

/** A warning about a value that is used otherwise than it is written. */
export interface ReadingNote {
  readonly code: DiagnosticCode;
  /** The keys and indices that lead to the value inside the setting. */
  readonly inside: readonly (string | number)[];
  /** The end of the sentence "`<key>` in <place> …", without the period. */
  readonly problem: string;
  readonly hint: string;
}

type Reader = (written: unknown) => Reading;

/**
 * Reads the value of a setting as its author means it. A number or a boolean in quotes is read
 * without them, and a value beyond a limit of the platform becomes the limit. Each of these is a
 * note. Values that cannot be understood are returned as they are, for the schema to refuse.
 */
export function readSetting(key: SettingKey, written: unknown): Reading {
  return readers[key]?.(written) ?? asWritten(written);
}

function asWritten(value: unknown): Reading {
  return { value, notes: [] };
}

function noted(value: unknown, code: DiagnosticCode, problem: string, hint: string): Reading {
  return { value, notes: [{ code, inside: [], problem, hint }] };
}

const words: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['off', false],
]);

const boolean: Reader = (written) => {
  const value = typeof written === 'string' ? words.get(written.trim().toLowerCase()) : undefined;
  return value === undefined ? asWritten(written) : unquoted(written, value);
};

function unquoted(written: unknown, value: boolean | number): Reading {
  return noted(
    value,
    'CONFIG_SUSPICIOUS',
    `is the string ${JSON.stringify(written)}; it is read as ${value}`,
    `Write ${value} without quotes.`,
  );
}

interface Limits {
  readonly least: number;
  readonly most: number;
  /** Whether zero is a value below the limit; otherwise zero has no meaning. */
  readonly zero?: boolean;
  /** Whether fractions are rounded up. */
  readonly whole?: boolean;
  readonly unit: string;
}

/** Reads a number between two limits. Negative numbers have no meaning and stay as they are. */
function number({ least, most, zero = false, whole = false, unit }: Limits): Reader {
  return (written) => {
    const isText = typeof written === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(written);
    const value = isText ? Number(written) : written;
    if (typeof value !== 'number' || !(value > 0 || (zero && value === 0))) {
      return asWritten(written);
    }
    const used = Math.min(Math.max(whole ? Math.ceil(value) : value, least), most);
    if (used !== value) return limited(written, used, { least, most, unit });
    return isText ? unquoted(written, value) : asWritten(value);
  };
}

function limited(written: unknown, used: number, { least, most, unit }: Limits): Reading {
  const range = used === least || used === most ? `from ${least} to ${most}` : 'a whole number of';
  return noted(
    used,
    'CONFIG_OVER_LIMIT',
    `is ${typeof written === 'number' ? written : JSON.stringify(written)}; it can be ${range} ${unit}, and ${used} is used`,
    `Write ${used}, or remove it.`,
  );
}

const sizeLimits: Limits = { least: 1024, most: 4096, whole: true, unit: 'MB' };

/** Reads a number of MB. A number in quotes is valid on Netlify, with a unit or without. */
const memory: Reader = (written) => {
  const size = megabytes(written);
  const { value, notes } = number(sizeLimits)(size);
  return notes.length === 0 ? asWritten(written) : limited(written, Number(value), sizeLimits);
};

/** Reads a single value as an array of one, and leaves out empty strings. */
function list(what: string, split: (text: string) => string[]): Reader {
  return (written) => {
    if (Array.isArray(written)) return asWritten(written.filter((item) => item !== ''));
    if (typeof written !== 'string') return asWritten(written);
    const value = split(written).filter((item) => item !== '');
    return noted(
      value,
      'CONFIG_SUSPICIOUS',
      `is a string; it is read as the array ${JSON.stringify(value)}`,
      `Write ${JSON.stringify(value)}: Netlify wants an array of ${what}.`,
    );
  };
}

/** Package names have neither commas nor spaces, so these separate the names in a string. */
const packages = list('package names', (text) => text.split(/[\s,]+/));
/** A glob may have both. */
const globs = list('globs', (text) => [text]);

/** Reads Netlify's name of a region. AWS's name stands for the region of Netlify at that place. */
const region: Reader = (written) => {
  if (typeof written !== 'string' || !/^[a-z]{2}(?:-[a-z]+)+-\d$/i.test(written)) {
    return asWritten(written);
  }
  const name = regionOf(written.toLowerCase());
  const is = `is "${written}", a name of AWS`;
  return name === undefined
    ? noted(undefined, 'CONFIG_NO_EFFECT', `${is}; Netlify has no region there`, 'Remove it.')
    : noted(name, 'CONFIG_SUSPICIOUS', `${is}; it is read as "${name}"`, `Write "${name}".`);
};

/** Reads a version of Node. Of the supported versions the nearest one that is not older is used. */
const nodeVersion: Reader = (written) => {
  const major = nodeMajor(written);
  if (typeof major !== 'number' || nodeMajors.some((known) => known === major)) {
    return asWritten(written);
  }
  const used = nodeMajors.find((known) => known > major) ?? nodeMajors.at(-1);
  return noted(
    used,
    'CONFIG_OVER_LIMIT',
    `is ${JSON.stringify(written)}; functions run on Node ${nodeMajors.join(' or ')}, and ${used} is used`,
    `Write "${used}", or remove it.`,
  );
};

/** Reads the name of a bundler. The wish for a bundler that bgfn does not have is no reason to fail. */
const nodeBundler: Reader = (written) => {
  if (typeof written !== 'string') return asWritten(written);
  const name = written.trim().toLowerCase();
  return bundlers.some((known) => known === name)
    ? asWritten(name)
    : noted(
        undefined,
        'CONFIG_NO_EFFECT',
        `is "${written}", which is not a bundler that bgfn has; it chooses by itself`,
        'Remove it, or write "esbuild", "nft" or "none".',
      );
};

/** Reads each value of an object by its own reader. */
function object(inner: Readonly<Record<string, Reader>>): Reader {
  return (written) => {
    if (typeof written !== 'object' || written === null || Array.isArray(written)) {
      return asWritten(written);
    }
    const read = Object.entries(written).map(
      ([key, value]) => [key, inner[key]?.(value) ?? asWritten(value)] as const,
    );
    return {
      value: Object.fromEntries(read.map(([key, { value }]) => [key, value])),
      notes: read.flatMap(([key, { notes }]) => within(key, notes)),
    };
  };
}

/** Reads each item of an array, and leaves out the items beyond the longest possible array. */
function items(reader: Reader, most: number): Reader {
  return (written) => {
    if (!Array.isArray(written)) return asWritten(written);
    const read = written.slice(0, most).map((item) => reader(item));
    const cut = noted(
      undefined,
      'CONFIG_OVER_LIMIT',
      `has ${written.length} items; the first ${most} are used`,
      'Remove the others.',
    );
    return {
      value: read.map(({ value }) => value),
      notes: [
        ...read.flatMap(({ notes }, index) => within(index, notes)),
        ...(written.length > most ? cut.notes : []),
      ],
    };
  };
}

function within(key: string | number, notes: readonly ReadingNote[]): ReadingNote[] {
  return notes.map((note) => ({ ...note, inside: [key, ...note.inside] }));
}

const day = 86_400;
const positive: Limits = { least: Number.MIN_VALUE, most: Infinity, unit: '' };
const readers: Readonly<Partial<Record<SettingKey, Reader>>> = {
  background: boolean,
  preferStatic: boolean,
  // The limit depends on the mode: `check-combinations.ts` has it.
  timeout: number({ least: 0, most: Infinity, whole: true, unit: 'seconds' }),
  memory,
  vcpu: number({ least: 0.5, most: 2, unit: 'CPUs' }),
  region,
  externalNodeModules: packages,
  ignoredNodeModules: packages,
  includedFiles: globs,
  nodeBundler,
  nodeVersion,
  rateLimit: object({ windowSize: number(positive), windowLimit: number(positive) }),
  retry: object({
    maxAttempts: number({ least: 1, most: 10, zero: true, unit: 'attempts' }),
    delaysSeconds: items(number({ least: 0, most: day, zero: true, unit: 'seconds' }), 9),
    maxEventAgeSeconds: number({ least: 60, most: day, zero: true, unit: 'seconds' }),
  }),
};
