import { createHash } from 'node:crypto';
import path from 'node:path';
import type { FunctionSpec } from '../discover/function-spec.ts';

/** What decides an artifact besides the files it is made of. */
export interface CacheKeyParts {
  readonly spec: FunctionSpec;
  /** Bgfn, esbuild, nft, Node and its zlib. */
  readonly tools: Readonly<Record<string, string>>;
  /** Target and flags. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The name of a function's cache record: the same in every checkout of the project. */
export function cacheKeyOf(parts: CacheKeyParts, projectDirectory: string): string {
  return createHash('sha256')
    .update(canonicalJson(parts, projectDirectory))
    .digest('hex')
    .slice(0, 40);
}

/** JSON with sorted keys, and paths inside the project made relative to it. */
function canonicalJson(value: unknown, projectDirectory: string): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'string') return withoutProject(part, projectDirectory);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function withoutProject(text: string, projectDirectory: string): string {
  if (text === projectDirectory) return '<project>';
  return text.startsWith(projectDirectory + path.sep)
    ? `<project>/${text.slice(projectDirectory.length + 1).replaceAll(path.sep, '/')}`
    : text;
}
