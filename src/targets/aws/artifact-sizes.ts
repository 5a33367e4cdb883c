import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { maxUnzippedBytes, maxZipBytes, type ManifestFunction } from '../../manifest/schema.ts';

/**
 * Checks the content of every function, which Lambda limits however the zip is uploaded. A manifest
 * without the size is not checked.
 *
 * @throws {BgfnError} `AWS_ARTIFACT_TOO_LARGE`, naming every function that is too large
 */
export function checkUnzippedSizes(functions: readonly ManifestFunction[]): void {
  const tooLarge = functions.flatMap(({ name, artifact: { unzippedSize = 0 } }) =>
    unzippedSize > maxUnzippedBytes ? [`${name} (${megabytes(unzippedSize)})`] : [],
  );
  if (tooLarge.length === 0) return;
  throw new BgfnError(
    'AWS_ARTIFACT_TOO_LARGE',
    `AWS Lambda takes at most ${megabytes(maxUnzippedBytes)} of unzipped code. Larger: ${tooLarge.join(', ')}.`,
    {
      kind: 'config',
      hint: 'Build again: the warning of `bgfn-build` lists the largest parts. Leave some out with `included_files = ["!…"]`, or split the function.',
    },
  );
}

/** The zip of a function. */
export interface SizedZip {
  /** The function's name. */
  readonly name: string;
  readonly zipBytes: number;
}

/**
 * Checks a zip that is sent to Lambda in the request itself.
 *
 * @throws {BgfnError} `AWS_ZIP_TOO_LARGE`
 */
export function checkUploadSize({ name, zipBytes }: SizedZip): void {
  if (zipBytes <= maxZipBytes) return;
  throw new BgfnError(
    'AWS_ZIP_TOO_LARGE',
    `The artifact of ${name} has ${megabytes(zipBytes)}; AWS takes at most ${megabytes(maxZipBytes)} in an upload.`,
    { hint: 'Deploy it through S3: `npx bgfn package sam`.' },
  );
}

/** Rounds up, so that a size one byte over a limit does not look like the limit itself. */
function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MB`;
}
