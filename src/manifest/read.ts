import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import { messageOf, systemErrorCode } from '../diagnostic/system-error.ts';
import { manifestFileName } from './file-name.ts';
import { manifestSchema, manifestVersion, type Manifest, type ManifestFunction } from './schema.ts';

const rebuildHint = 'Build again with `npx bgfn-build`.';
/** Most issues of zod that a message shows. */
const shownIssues = 10;

/**
 * Reads `manifest.json` from a directory of artifacts and checks every field.
 *
 * @throws {BgfnError} `MANIFEST_MISSING`, `MANIFEST_UNREADABLE`, `MANIFEST_NOT_JSON`,
 *   `MANIFEST_NEWER`, `MANIFEST_INVALID`, `MANIFEST_NAME_CONFLICT`
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const file = path.join(directory, manifestFileName);
  return parseManifest(await readText(file, directory), file);
}

/**
 * Parses and checks the text of a manifest.
 *
 * @param file The path that messages name
 * @throws {BgfnError} As `readManifest`
 */
export function parseManifest(text: string, file: string): Manifest {
  const document = parseJson(text, file);
  checkVersion(document, file);
  const result = manifestSchema.safeParse(document);
  if (!result.success) {
    throw new BgfnError(
      'MANIFEST_INVALID',
      `${file} is not a valid manifest:\n${describeIssues(result.error.issues, document)}`,
      { kind: 'config', hint: rebuildHint },
    );
  }
  checkNames(result.data, file);
  return result.data;
}

async function readText(file: string, directory: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error) ?? '';
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

/**
 * Refuses a newer manifest before the shape is checked, because a newer version may differ in every
 * other field.
 */
function checkVersion(document: unknown, file: string): void {
  const version = fieldOf(document, 'version');
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

/**
 * Checks two rules that the schema cannot express: names are unique, and every artifact is named
 * after its function.
 */
function checkNames(manifest: Manifest, file: string): void {
  const seen = new Set<string>();
  for (const fn of manifest.functions) {
    const problem = nameProblem(fn, seen);
    if (problem !== undefined) {
      throw new BgfnError('MANIFEST_NAME_CONFLICT', `${file} ${problem}.`, {
        kind: 'config',
        hint: rebuildHint,
      });
    }
    seen.add(fn.name);
  }
}

function nameProblem(
  { name, artifact }: ManifestFunction,
  seen: ReadonlySet<string>,
): string | undefined {
  if (seen.has(name)) return `names the function "${name}" twice`;
  return artifact.file === `${name}.zip`
    ? undefined
    : `has the artifact "${artifact.file}" for the function "${name}"; it must be "${name}.zip", because clients key the one by the other`;
}

/**
 * Zod's issues as lines such as `functions[2] ("send-mail"): timeout: expected number, received
 * string`.
 */
function describeIssues(issues: readonly z.core.$ZodIssue[], document: unknown): string {
  const lines = issues
    .slice(0, shownIssues)
    .map((issue) => `  ${describeIssuePath(issue.path, document)}: ${issue.message}`);
  if (issues.length > shownIssues) lines.push(`  and ${issues.length - shownIssues} more`);
  return lines.join('\n');
}

function describeIssuePath(issuePath: readonly PropertyKey[], document: unknown): string {
  if (issuePath.length === 0) return 'the document';
  const [first, index, ...rest] = issuePath;
  if (first !== 'functions' || typeof index !== 'number') return issuePath.map(String).join('.');
  const name = functionNameAt(document, index);
  const where = `functions[${index}]${name === undefined ? '' : ` (${JSON.stringify(name)})`}`;
  return rest.length === 0 ? where : `${where}: ${rest.map(String).join('.')}`;
}

function functionNameAt(document: unknown, index: number): string | undefined {
  const functions = fieldOf(document, 'functions');
  const name = Array.isArray(functions) ? fieldOf(functions[index], 'name') : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** A field of a value that is not validated yet. */
function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
