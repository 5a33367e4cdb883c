import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf, systemErrorCode } from '../../diagnostic/system-error.ts';

/**
 * The directory where a build gathers its zips until every function is built. Disposing of the
 * staging removes the directory.
 */
export interface Staging extends AsyncDisposable {
  /** A directory inside the output directory, so that publishing a zip is one rename. */
  readonly directory: string;
  readonly outputDirectory: string;
}

/**
 * Creates a staging directory, and removes the staging directories of builds that were killed.
 *
 * @throws {BgfnError} `OUTPUT_UNWRITABLE`, when the output directory cannot be created or written
 */
export async function openStaging(outputDirectory: string): Promise<Staging> {
  const directory = path.join(
    outputDirectory,
    `.staging-${process.pid}-${randomBytes(4).toString('hex')}`,
  );
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw new BgfnError(
      'OUTPUT_UNWRITABLE',
      `The output directory ${outputDirectory} cannot be written: ${messageOf(error)}.`,
      { kind: 'config', hint: 'Name another directory with --out.', cause: error },
    );
  }
  await removeAbandoned(outputDirectory);
  return {
    directory,
    outputDirectory,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Removes the staging directories whose names contain the id of a process that has ended. */
async function removeAbandoned(outputDirectory: string): Promise<void> {
  for (const name of await readdir(outputDirectory)) {
    const owner = /^\.staging-(\d+)-[0-9a-f]+$/.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) {
      await rm(path.join(outputDirectory, name), { recursive: true, force: true });
    }
  }
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return systemErrorCode(error) === 'EPERM';
  }
}
