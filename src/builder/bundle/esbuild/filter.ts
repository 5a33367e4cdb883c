/**
 * Returns a filter for exactly these texts, in the syntax that the regular expressions of
 * JavaScript and of Go share.
 */
export function exactlyAnyOf(texts: readonly string[]): RegExp {
  const escaped = texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^(?:${escaped.join('|')})$`);
}
