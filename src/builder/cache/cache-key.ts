import path from 'node:path';
import { sha256Of } from '../../files/sha256.ts';
import type { FunctionSpec } from '../discover/function-spec.ts';

/** Everything that an artifact depends on, except the files that it is made of. */
export interface CacheKeyContent {
  readonly spec: FunctionSpec;
  /** The versions of bgfn, esbuild, nft, archiver, Node and Node's zlib. */
  readonly tools: Readonly<Record<string, string>>;
  /** The target and the flags of the build. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The name of a function's cache records. It is the same in every checkout of the project. */
export function cacheKeyOf(content: CacheKeyContent, projectDirectory: string): string {
  return sha256Of(canonicalJson(content, projectDirectory)).slice(0, 40);
}

/** JSON with sorted keys, in which paths inside the project are relative to the project. */
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
