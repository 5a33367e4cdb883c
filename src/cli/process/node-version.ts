/** The oldest Node that bgfn runs on, the same as `engines` in `package.json`. */
const oldest = [22, 14] as const;

/**
 * The message for the user of a Node that is too old; undefined when the version is new enough.
 * This file and the commands that import it have to load on any Node, so all other modules are
 * loaded with `import()`.
 */
export function oldNodeMessage(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const good = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return good
    ? undefined
    : `bgfn needs Node ${oldest.join('.')} or newer; this is Node ${version}. Install a newer one: https://nodejs.org`;
}
