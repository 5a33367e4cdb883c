import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import { messageOf } from '../diagnostic/system-error.ts';
import { manifestSchema, manifestVersion, type Manifest } from './schema.ts';

/**
 * Reads `manifest.json` from a directory of artifacts and checks every field of it. Throws
 * BgfnError: MANIFEST_MISSING, MANIFEST_UNREADABLE, MANIFEST_NOT_JSON, MANIFEST_NEWER,
 * MANIFEST_INVALID, MANIFEST_NAME_CONFLICT.
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const file = join(directory, 'manifest.json');
  return parseManifest(await readText(file, directory), file);
}

/** The same for a text; `file` only names it in messages. */
export function parseManifest(text: string, file: string): Manifest {
  const data = parseJson(text, file);
  checkVersion(data, file);
  const result = manifestSchema.safeParse(data);
  if (!result.success) {
    throw new BgfnError(
      'MANIFEST_INVALID',
      `${file} is not a valid manifest:\n${describeIssues(result.error.issues, data)}`,
      { kind: 'config', hint: rebuildHint },
    );
  }
  checkNames(result.data, file);
  return result.data;
}

const rebuildHint = 'Build again with `npx bgfn-build`.';

async function readText(file: string, directory: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new BgfnError('MANIFEST_MISSING', `There is no manifest.json in ${directory}.`, {
        kind: 'config',
        hint: 'Build the functions first with `npx bgfn-build`, or name the directory that holds the artifacts.',
      });
    }
    throw new BgfnError('MANIFEST_UNREADABLE', `${file} cannot be read (${code}).`, {
      kind: 'config',
      cause: error,
    });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    throw new BgfnError('MANIFEST_NOT_JSON', `${file} is not JSON: ${messageOf(error)}.`, {
      kind: 'config',
      hint: rebuildHint,
    });
  }
}

/** Before the shape: a newer manifest may look different in every other field. */
function checkVersion(data: unknown, file: string): void {
  const version: unknown =
    typeof data === 'object' && data !== null && 'version' in data ? data.version : undefined;
  if (typeof version === 'number' && version > manifestVersion) {
    throw new BgfnError(
      'MANIFEST_NEWER',
      `${file} has version ${version}; this bgfn reads version ${manifestVersion}.`,
      {
        kind: 'config',
        hint: 'Update bgfn where the functions run (`npm i bgfn@latest`), or build with the version that runs them.',
      },
    );
  }
}

function checkNames(manifest: Manifest, file: string): void {
  const seen = new Set<string>();
  for (const { name, artifact } of manifest.functions) {
    const problem = seen.has(name)
      ? `names the function "${name}" twice`
      : artifact.file === `${name}.zip`
        ? undefined
        : `has the artifact "${artifact.file}" for the function "${name}"; it must be "${name}.zip", because clients key the one by the other`;
    if (problem !== undefined) {
      throw new BgfnError('MANIFEST_NAME_CONFLICT', `${file} ${problem}.`, {
        kind: 'config',
        hint: rebuildHint,
      });
    }
    seen.add(name);
  }
}

/**
 * Zod's issues as lines such as `functions[2] ("send-mail"): timeout: expected number, received
 * string`. At most ten.
 */
function describeIssues(issues: readonly z.core.$ZodIssue[], data: unknown): string {
  const lines = issues
    .slice(0, 10)
    .map((issue) => `  ${describePath(issue.path, data)}: ${issue.message}`);
  if (issues.length > 10) lines.push(`  and ${issues.length - 10} more`);
  return lines.join('\n');
}

function describePath(path: readonly PropertyKey[], data: unknown): string {
  if (path.length === 0) return 'the document';
  const [first, index, ...rest] = path;
  if (first !== 'functions' || typeof index !== 'number') return path.map(String).join('.');
  const name = functionNameAt(data, index);
  const where = `functions[${index}]${name === undefined ? '' : ` (${JSON.stringify(name)})`}`;
  return rest.length === 0 ? where : `${where}: ${rest.map(String).join('.')}`;
}

function functionNameAt(data: unknown, index: number): string | undefined {
  if (
    typeof data !== 'object' ||
    data === null ||
    !('functions' in data) ||
    !Array.isArray(data.functions)
  ) {
    return undefined;
  }
  const entry: unknown = data.functions[index];
  if (
    typeof entry !== 'object' ||
    entry === null ||
    !('name' in entry) ||
    typeof entry.name !== 'string'
  ) {
    return undefined;
  }
  return entry.name;
}
