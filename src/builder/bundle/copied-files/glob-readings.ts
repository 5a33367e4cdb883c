/** Whether a glob has characters that make a pattern and occur in real names (`app/[slug]/(group)`). */
const brackets = /[[\](){}]/;
/** A backslash before a character that needs no escape: the separator of Windows. */
const separator = /\\(?![\\$^+()[\]{}!|@])/;

/**
 * Returns the globs that an author may have meant by one entry of `includedFiles`: the entry as it
 * is, and, where it has brackets or parentheses, a glob that takes these as part of a name. An
 * entry that was written on Windows is read with forward slashes as well. Every reading is searched
 * for; those that are not meant match nothing.
 */
export function readingsOf(glob: string): readonly string[] {
  const forms = [glob];
  if (separator.test(glob) || (glob.includes('\\') && !glob.includes('/'))) {
    forms.push(
      glob.replaceAll(new RegExp(separator, 'g'), '/'),
      glob.replaceAll('\\', '/').replaceAll(/\/{2,}/g, '/'),
    );
  }
  return [...new Set(forms.flatMap((form) => [form, withLiteralBrackets(form)]))];
}

/** Escapes brackets and what belongs to patterns with brackets; `*` and `?` stay wildcards. */
function withLiteralBrackets(glob: string): string {
  return brackets.test(glob) ? glob.replaceAll(/(?<!\\)[[\](){}!+@|]/g, String.raw`\$&`) : glob;
}
