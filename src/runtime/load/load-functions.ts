import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../diagnostic/system-error.ts';
import {
  functionNamePattern,
  type Manifest,
  type ManifestFunction,
} from '../../manifest/schema.ts';
import type { RunnableFunction } from '../worker/worker.ts';
import { extractLimitsFor, extractZip } from './extract.ts';
import { extractedName } from './extracted-name.ts';
import { machineProblemOf, thisMachine, type Machine } from './machine.ts';

/** A function that can be called because its artifact was verified and extracted. */
export interface LoadedFunction {
  readonly name: string;
  /** How a call is answered: with 202 at once, or with the function's own response. */
  readonly mode: 'background' | 'sync';
  readonly manifest: ManifestFunction;
  readonly runnable: RunnableFunction;
  readonly timeoutMs: number;
}

export interface LoadOptions {
  /** The directory that contains the manifest and the zips. */
  readonly artifactsDirectory: string;
  /** The directory in which each artifact is extracted to `<name>-<sha256 prefix>`. */
  readonly extractDirectory: string;
  /** Default: this machine. */
  readonly machine?: Machine | undefined;
  /** Returns the variables that the process of a function sees in addition to Lambda's own. */
  readonly environment: (fn: ManifestFunction) => Readonly<Record<string, string>>;
}

/**
 * Verifies and extracts every artifact of the manifest. An artifact that was extracted before is
 * verified but not unpacked again.
 *
 * @throws {BgfnError} `ARTIFACT_MISSING`, `ARTIFACT_MISMATCH`, `ARTIFACT_UNSAFE`,
 *   `ARTIFACT_CORRUPT`, `EXTRACT_FAILED` or `MANIFEST_INVALID`
 */
export async function loadFunctions(
  manifest: Manifest,
  options: LoadOptions,
): Promise<readonly LoadedFunction[]> {
  const loaded: LoadedFunction[] = [];
  const names = new Set<string>();
  for (const fn of manifest.functions) {
    // The schema checks the name too. The name is checked twice because it becomes a directory.
    if (!functionNamePattern.test(fn.name)) {
      throw invalid(
        `${JSON.stringify(fn.name)} is not a function name: letters, digits, "-" and "_" only`,
      );
    }
    if (names.has(fn.name)) throw invalid(`the function ${fn.name} is there twice`);
    names.add(fn.name);
    loaded.push(await loadFunction(fn, manifest.system, options));
  }
  return loaded;
}

async function loadFunction(
  fn: ManifestFunction,
  system: Manifest['system'],
  options: LoadOptions,
): Promise<LoadedFunction> {
  const zip = await readArtifact(fn, path.join(options.artifactsDirectory, fn.artifact.file));
  const directory = path.join(options.extractDirectory, extractedName(fn.name, fn.artifact.sha256));
  const limits = extractLimitsFor(fn.artifact.unzippedSize);
  await extractZip(zip, fn.artifact.file, directory, limits);
  const machineProblem = await machineProblemOf(
    fn,
    system,
    directory,
    options.machine ?? thisMachine,
  );
  const runnable: RunnableFunction = {
    name: fn.name,
    runtime: fn.runtime,
    directory,
    handler: fn.handler,
    environment: options.environment(fn),
    version: fn.artifact.sha256,
    memoryMb: fn.memory,
    machineProblem,
  };
  return {
    name: fn.name,
    mode: fn.invocationMode === 'background' ? 'background' : 'sync',
    manifest: fn,
    runnable,
    timeoutMs: fn.timeout * 1000,
  };
}

/** Reads the whole zip once, so that the verified bytes are the bytes that are extracted. */
async function readArtifact(fn: ManifestFunction, file: string): Promise<Buffer> {
  let zip: Buffer;
  try {
    zip = await readFile(file);
  } catch (error) {
    throw new BgfnError(
      'ARTIFACT_MISSING',
      `The artifact of ${fn.name} cannot be read: ${file} (${messageOf(error)}).`,
      {
        kind: 'config',
        hint:
          'The manifest names it, so it was deleted or not copied. ' +
          'Build the functions again with bgfn build, and copy the whole directory.',
        cause: error,
      },
    );
  }
  const sha256 = createHash('sha256').update(zip).digest('hex');
  if (sha256 === fn.artifact.sha256) return zip;
  throw new BgfnError(
    'ARTIFACT_MISMATCH',
    `The artifact of ${fn.name} is not the one that was built: ` +
      `${file} has sha256 ${sha256}, the manifest says ${fn.artifact.sha256}.`,
    {
      kind: 'config',
      hint:
        'Somebody changed the zip or copied half of a build. ' +
        'Build the functions again with bgfn build.',
    },
  );
}

function invalid(reason: string): BgfnError {
  return new BgfnError('MANIFEST_INVALID', `The manifest cannot be used: ${reason}.`, {
    kind: 'config',
    hint: 'Build the functions again with bgfn build.',
  });
}
