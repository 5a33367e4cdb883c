import type { Diagnostic } from '../../diagnostic/diagnostic.ts';
import { maxUnzippedBytes, maxZipBytes } from '../../manifest/schema.ts';

export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Warns about an artifact that is larger than Netlify and AWS Lambda accept, and names its largest
 * parts. It is no error, because the limits are those of a deployment: bgfn's runtime runs
 * functions of any size.
 *
 * @param zipBytes The size of the zip
 * @param files The content of the zip
 * @param isPrebuilt Whether another tool made the zip, so that no setting of bgfn changes it
 */
export function sizeWarnings(
  functionName: string,
  zipBytes: number,
  files: readonly SizedFile[],
  isPrebuilt = false,
): readonly Diagnostic[] {
  const unzippedBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const isTooLarge = unzippedBytes > maxUnzippedBytes;
  if (!isTooLarge && zipBytes <= maxZipBytes) return [];
  const problem = isTooLarge
    ? `holds ${megabytes(unzippedBytes)} unzipped. Netlify and AWS Lambda refuse more than ${megabytes(maxUnzippedBytes)}`
    : `is a zip of ${megabytes(zipBytes)}. Netlify and a direct upload to AWS Lambda refuse more than ${megabytes(maxZipBytes)}`;
  const largest = largestContributors(files, 10);
  return [
    {
      severity: 'warning',
      code: 'ARTIFACT_TOO_LARGE',
      message: `The function "${functionName}" ${problem}; bgfn serve runs it.`,
      hint: [
        'The largest parts, unzipped:',
        ...largest.map(({ path, bytes }) => `  ${megabytes(bytes).padStart(9)}  ${path}`),
        isPrebuilt ? 'Make the zip smaller.' : mendOf(functionName, largest, files),
        ...(isTooLarge
          ? []
          : ['For AWS, `bgfn package sam` deploys through S3, which takes larger zips.']),
      ].join('\n'),
      functionName,
    },
  ];
}

/** What to do about a zip that bgfn made; a prebuilt zip is another tool's. */
function mendOf(
  functionName: string,
  largest: readonly SizedFile[],
  files: readonly SizedFile[],
): string {
  const generated = new Set([`${functionName}.mjs`, 'bgfn-adapter.mjs', 'bootstrap']);
  const part = largest.find(({ path }) => !generated.has(path));
  const [file] = files
    .filter(({ path }) => part !== undefined && (packageOf(path) ?? path) === part.path)
    .toSorted((a, b) => b.bytes - a.bytes);
  const example = file === undefined ? '' : `, for example included_files = ["!${file.path}"]`;
  return `Leave out what the function does not need${example}, or split the function.`;
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
