/**
 * Returns the name of the package in a specifier: `@scope/name/sub/path` → `@scope/name`;
 * `name/sub` → `name`.
 */
export function packageNameOf(specifier: string): string {
  const segments = specifier.split('/');
  return specifier.startsWith('@') ? segments.slice(0, 2).join('/') : (segments[0] ?? specifier);
}
