import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { messageOf } from '../../diagnostic/system-error.ts';

/**
 * Creates the error for a zip that is not extracted because it is unsafe.
 *
 * @param label The name of the zip in errors
 * @param entry The unsafe entry; `undefined` if the zip as a whole is unsafe
 */
export function unsafeZip(label: string, entry: string | undefined, reason: string): BgfnError {
  return new BgfnError('ARTIFACT_UNSAFE', `${nameOf(label, entry)} is refused: ${reason}.`, {
    hint:
      'Nothing of this zip was extracted. Build the functions again with bgfn build; ' +
      'do not run zips from a source you do not trust.',
  });
}

/**
 * Turns an error of the zip reader into an error that names the zip and the entry. Errors of bgfn
 * and of the disk (ENOSPC, EACCES) are returned unchanged.
 */
export function corruptZip(label: string, error: unknown, entry?: string): unknown {
  const isSystemError = error instanceof Error && 'syscall' in error;
  if (error instanceof BgfnError || isSystemError) return error;
  const what = nameOf(label, entry);
  return new BgfnError('ARTIFACT_CORRUPT', `${what} cannot be unpacked: ${messageOf(error)}.`, {
    hint: 'Build the functions again with bgfn build.',
    cause: error,
  });
}

function nameOf(label: string, entry: string | undefined): string {
  return entry === undefined ? label : `${label}: the entry ${JSON.stringify(entry)}`;
}
