import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { checkUploadSize } from './artifact-sizes.ts';
import type { PlannedFunction } from './lambda-plan.ts';

/**
 * The bytes of a function's zip, checked against the digest in the manifest.
 *
 * @throws {BgfnError} `ARTIFACT_MISSING`, `ARTIFACT_CHANGED`, `AWS_ZIP_TOO_LARGE`
 */
export async function readZip(
  { name, zipFile, sha256 }: PlannedFunction,
  artifactsDirectory: string,
): Promise<Uint8Array> {
  const file = path.join(artifactsDirectory, zipFile);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new BgfnError('ARTIFACT_MISSING', `The artifact of ${name} cannot be read: ${file}.`, {
      kind: 'config',
      hint: 'Run `npx bgfn-build` again.',
      cause: error,
    });
  }
  if (hash('sha256', bytes, 'hex') !== sha256) {
    throw new BgfnError(
      'ARTIFACT_CHANGED',
      `${file} is not the file that the manifest speaks of: its digest differs.`,
      { hint: 'Run `npx bgfn-build` again.' },
    );
  }
  checkUploadSize({ name, zipBytes: bytes.length });
  return bytes;
}
