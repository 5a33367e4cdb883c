/** The number of hex digits of the digest that distinguish the versions in directory names. */
const versionLength = 16;
const namePattern = /^(?<functionName>.+)-[0-9a-f]{16}$/;

/**
 * Returns the name of the directory that an artifact is extracted to. The name contains the
 * function and its version.
 *
 * @param sha256 The digest of the artifact, in hex
 */
export function extractedName(functionName: string, sha256: string): string {
  return `${functionName}-${sha256.slice(0, versionLength)}`;
}

/**
 * Returns the function that was extracted to a directory, or `undefined` for any other name, such
 * as the name of a directory that is not finished yet.
 */
export function functionOfExtracted(directoryName: string): string | undefined {
  return namePattern.exec(directoryName)?.groups?.['functionName'];
}
