/** So many digits of the digest tell versions apart in a directory name. */
const versionLength = 16;
const namePattern = /^(?<functionName>.+)-[0-9a-f]{16}$/;

/**
 * The name of the directory that an artifact is extracted to. It names the function and its
 * version.
 *
 * @param sha256 In hex
 */
export function extractedName(functionName: string, sha256: string): string {
  return `${functionName}-${sha256.slice(0, versionLength)}`;
}

/**
 * The function that was extracted to a directory; `undefined` for any other name, such as that of a
 * directory that is not finished yet.
 */
export function functionOfExtracted(directoryName: string): string | undefined {
  return namePattern.exec(directoryName)?.groups?.['functionName'];
}
