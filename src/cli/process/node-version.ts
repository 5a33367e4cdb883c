/** The oldest Node bgfn runs on: `package.json` says the same under `engines`. */
const oldest = [22, 14] as const;

/**
 * The message for the user of a Node that is too old; undefined when it is new enough. This file
 * and the bins that import it must load on any Node: they load everything else with `import()`.
 */
export function oldNodeMessage(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const good = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return good
    ? undefined
    : `bgfn needs Node ${oldest.join('.')} or newer; this is Node ${version}. Install a newer one: https://nodejs.org`;
}
