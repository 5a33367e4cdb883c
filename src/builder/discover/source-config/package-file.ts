import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** How a specifier is loaded, which decides the export of the package. */
export type LoadKind = 'import' | 'require';

const packageJsonSchema = z.object({
  main: z.string().optional().catch(undefined),
  exports: z.unknown().optional(),
});

/**
 * Returns the file that Node loads for the name of an installed or linked package; undefined when
 * no such package is installed, or when it has no such export.
 *
 * Source: https://nodejs.org/docs/latest-v24.x/api/esm.html#resolution-algorithm-specification
 */
export function packageFileOf(from: string, specifier: string, kind: LoadKind): string | undefined {
  const parts = /^((?:@[^/]+\/)?[^./@#][^/:]*)(\/.*)?$/.exec(specifier);
  const [, name, rest = ''] = parts ?? [];
  const directory = name === undefined ? undefined : packageDirectory(path.dirname(from), name);
  if (directory === undefined) return undefined;
  const { main, exports } = readPackageJson(directory);
  if (exports === undefined || exports === null) {
    return rest === '' ? mainFile(directory, main) : existingFile(path.join(directory, rest));
  }
  const target = exportTarget(exports, `.${rest}`, kind);
  return target === undefined ? undefined : existingFile(path.join(directory, target));
}

function packageDirectory(from: string, name: string): string | undefined {
  for (let at = from; ; at = path.dirname(at)) {
    const candidate = path.join(at, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return realpathSync(candidate);
    if (path.dirname(at) === at) return undefined;
  }
}

function readPackageJson(directory: string): z.infer<typeof packageJsonSchema> {
  try {
    const text = readFileSync(path.join(directory, 'package.json'), 'utf8');
    return packageJsonSchema.parse(JSON.parse(text));
  } catch {
    return { exports: undefined };
  }
}

function mainFile(directory: string, main = 'index'): string | undefined {
  const file = path.join(directory, main);
  return (
    existingFile(file) ??
    existingFile(path.join(file, 'index')) ??
    existingFile(path.join(directory, 'index'))
  );
}

function existingFile(file: string): string | undefined {
  return [file, `${file}.js`, `${file}.json`].find(
    (candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true,
  );
}

/** Returns the relative path that the `exports` of a package give for a subpath such as `./x`. */
function exportTarget(exports: unknown, subpath: string, kind: LoadKind): string | undefined {
  if (!isRecord(exports) || !Object.keys(exports).some((key) => key.startsWith('.'))) {
    return subpath === '.' ? conditionalTarget(exports, kind) : undefined;
  }
  if (Object.hasOwn(exports, subpath)) return conditionalTarget(exports[subpath], kind);
  for (const [pattern, value] of Object.entries(exports)) {
    const [start = '', end] = pattern.split('*');
    if (end === undefined || !subpath.startsWith(start) || !subpath.endsWith(end)) continue;
    const matched = subpath.slice(start.length, subpath.length - end.length);
    return conditionalTarget(value, kind)?.replaceAll('*', matched);
  }
  return undefined;
}

function conditionalTarget(value: unknown, kind: LoadKind): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    return value.map((one) => conditionalTarget(one, kind)).find((one) => one !== undefined);
  }
  if (!isRecord(value)) return undefined;
  const conditions = new Set([kind, 'node', 'node-addons', 'module-sync', 'default']);
  for (const [condition, inner] of Object.entries(value)) {
    const target = conditions.has(condition) ? conditionalTarget(inner, kind) : undefined;
    if (target !== undefined) return target;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
