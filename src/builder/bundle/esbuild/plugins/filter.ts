/**
 * Returns a filter for exactly these texts, in the syntax that the regular expressions of
 * JavaScript and of Go share.
 */
export function exactlyAnyOf(texts: readonly string[]): RegExp {
  return new RegExp(`^(?:${texts.map(escapedForFilter).join('|')})$`);
}

/** Returns a pattern that matches exactly this text, in the syntax that both languages share. */
export function escapedForFilter(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
