/** Enough of the digest to tell versions apart in a directory name. */
const versionLength = 16;
const namePattern = /^(?<functionName>.+)-[0-9a-f]{16}$/;

/**
 * The name of the directory that an artifact is extracted to: the function's, and which version of
 * it. `sha256` in hex.
 */
export function extractedName(functionName: string, sha256: string): string {
  return `${functionName}-${sha256.slice(0, versionLength)}`;
}

/**
 * The function of such a directory; `undefined` for what else lies there (a directory that is not
 * finished yet).
 */
export function functionOfExtracted(directoryName: string): string | undefined {
  return namePattern.exec(directoryName)?.groups?.['functionName'];
}
