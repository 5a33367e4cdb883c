/** How a module asks for another: by an import, or by a `require` that it made itself. */
export type ImportKind = 'import' | 'require';

/**
 * Tells how an ES module that calls `createRequire` asks for a specifier. Node follows the
 * condition `require` for what the created function loads, and `import` for the rest. Both kinds
 * are returned when the module asks in both ways.
 */
export function kindsOfImport(source: string, specifier: string): readonly ImportKind[] {
  const quoted = `["']${specifier.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}["']`;
  const imports = new RegExp(String.raw`(?<![\w$.])(?:from|import)\s*\(?\s*${quoted}`).test(source);
  const requires = new RegExp(String.raw`(?<!(?<![\w$.])import\s*)\(\s*${quoted}`).test(source);
  if (imports && requires) return ['import', 'require'];
  return imports ? ['import'] : ['require'];
}
