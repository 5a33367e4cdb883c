/**
 * Matches code that lets other code see, and change, each module that Node loads: it replaces a
 * function of Node's module loader, or registers hooks with it.
 */
const loaderHook =
  /\b[Mm]odule\.prototype\.(?:require|_compile)\s*=[^=]|\b[Mm]odule\._load\s*=[^=]|\bregisterHooks\s*\(|\b(?:[Mm]odule|module_1)\.register\s*\(/;

/** Whether a text hooks into Node's module loader. The pattern is ASCII. */
export function hooksLoader(latin1: string): boolean {
  return loaderHook.test(latin1);
}

/** Matches a string literal in the form of a module's name, unless it is imported. */
const nameLiteral =
  /(?<!\b(?:from|import|require)\s*\(?\s*)["'`]((?:@[\w.-]+\/)?[\w.-]+)(?:\/[\w./-]*)?["'`]/g;
/** Matches the key of an object, as in `{ pg: { … } }`. */
const nameKey = /[{,]\s*([a-z][\w]*)\s*:\s*[{(]/g;

/** Returns the names in a text that may be names of packages which a hook is for. */
export function hookedNamesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [, name = ''] of text.matchAll(nameLiteral)) names.add(name);
  for (const [, name = ''] of text.matchAll(nameKey)) names.add(name);
  return names;
}
