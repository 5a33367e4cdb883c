import { BgfnError } from '../../diagnostic/bgfn-error.ts';

/**
 * AWS Lambda's limits for a function uploaded as a zip, in bytes: 50 MiB zipped, 250 MiB unzipped.
 * Netlify's are the same.
 */
export const maxZipBytes = 50 * 1024 * 1024;
export const maxUnzippedBytes = 250 * 1024 * 1024;

export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

/** @throws {BgfnError} `ARTIFACT_TOO_LARGE`, when the content is over the unzipped limit */
export function checkUnzippedSize(name: string, files: readonly SizedFile[]): void {
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  if (total > maxUnzippedBytes) {
    throw tooLarge(
      name,
      `holds ${megabytes(total)} unzipped; the limit is ${megabytes(maxUnzippedBytes)}`,
      files,
    );
  }
}

/** @throws {BgfnError} `ARTIFACT_TOO_LARGE`, when the zip is over the upload limit */
export function checkZipSize(name: string, zipBytes: number, files: readonly SizedFile[]): void {
  if (zipBytes > maxZipBytes) {
    throw tooLarge(
      name,
      `is a zip of ${megabytes(zipBytes)}; the limit is ${megabytes(maxZipBytes)}`,
      files,
    );
  }
}

function tooLarge(name: string, problem: string, files: readonly SizedFile[]): BgfnError {
  const largest = largestContributors(files, 10).map(
    (part) => `  ${megabytes(part.bytes).padStart(9)}  ${part.path}`,
  );
  return new BgfnError('ARTIFACT_TOO_LARGE', `The function "${name}" ${problem}.`, {
    hint: [
      'The largest parts, unzipped:',
      ...largest,
      'Leave out what the function does not need (included_files with "!", a smaller package), or split the function.',
    ].join('\n'),
  });
}

/** The largest parts. The files of one npm package are one part, any other file is a part. */
export function largestContributors(files: readonly SizedFile[], count: number): SizedFile[] {
  const parts = new Map<string, number>();
  for (const file of files) {
    const part = packageOf(file.path) ?? file.path;
    parts.set(part, (parts.get(part) ?? 0) + file.bytes);
  }
  return [...parts]
    .map(([path, bytes]) => ({ path, bytes }))
    .toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
    .slice(0, count);
}

/** `a/node_modules/@s/p/x.js` → `a/node_modules/@s/p`; undefined outside node_modules. */
function packageOf(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

/** Rounds up, so that a size one byte over a limit does not look like the limit itself. */
function megabytes(bytes: number): string {
  return `${(Math.ceil((bytes / 1024 / 1024) * 10) / 10).toFixed(1)} MB`;
}
