/** Matches a text that is strict by its first statement, or by being an ES module. */
const strictText = /^(?:["']use strict["']|(?:import|export)[\s{*"'])/m;
/**
 * Matches a loop that assigns to a name without declaring it. The declaration may stand in another
 * function, which only a syntax tree shows.
 */
const looseLoop = /\bfor\s*\(\s*(?!(?:var|let|const)\b)[\w$]+\s*(?:=[^=]|in\b|of\b)/;
const looseGlobalObject =
  /\barguments\.calle[er]|\b(?:root|global|window|self)\s*=\s*this\b|\(function\s*\([^()]*\)\s*\{\s*this\./;
const deletedName = /\bdelete\s+[A-Za-z_$][\w$]*\s*(?:[;,)}\n]|$)/;
const repeatedParameter =
  /\bfunction\b[^(){}]*\([^()]*?(?<![\w$])([\w$]+)\s*,[^()]*?(?<![\w$])\1\s*[,)]/;
const assignedName = /(?<![\w$.])([A-Za-z_$][\w$]*)\s*=(?![=>])/g;
/** Matches a statement that assigns to a pattern. */
const assignedPattern = /(?:^|[;{}])\s*(?:\(\s*\{[\w$\s,:[\]]*\}|\[[\w$\s,]*\])\s*=[^=>]/m;
/**
 * Matches the parts of a text that declare names: the list of a `var`, the parameters of functions
 * and of `catch`, and the name of a class. The name of a function is left out, because code may
 * assign to the name of a function expression in vain.
 */
const declaringText =
  /\b(?:var|let|const)\s([^;]*)|\bfunction\b[^(]*\(([^)]*)\)|\(([^()]*)\)\s*=>|(?<![\w$])([\w$]+)\s*=>|\bclass\s+([\w$]+)|\bcatch\s*\(([^)]*)\)/g;
/** Matches a declared name in such a part, but not the second name of `a = b = c`. */
const declaredName =
  /(?:^|[,{[:]|\.\.\.)\s*(?:\/\/[^\n]*\n\s*|\/\*[^*]*\*+\/\s*)*([A-Za-z_$][\w$]*)/g;
/** Matches the first name of a declaration, which may stand inside another declaration's value. */
const firstDeclaredName = /\b(?:var|let|const)\s+([A-Za-z_$][\w$]*)/g;
/** Matches the use of a property, whose declaration in a class looks like an assignment. */
const ownProperty = /\bthis\.([A-Za-z_$][\w$]*)/g;
/** Names that a CommonJS module does not declare itself. */
const known = ['exports', 'module', 'require'];

/**
 * Whether the text of a CommonJS module may contain code that means something else in strict mode.
 * The test is cheap; a positive answer has to be confirmed by the syntax tree. Its patterns are
 * ASCII, so bytes can be passed as Latin-1.
 */
export function isSloppyText(latin1: string): boolean {
  if (strictText.test(latin1)) return false;
  return (
    [looseLoop, looseGlobalObject, deletedName, repeatedParameter, assignedPattern].some((one) =>
      one.test(latin1),
    ) || assignsUndeclared(latin1)
  );
}

function assignsUndeclared(text: string): boolean {
  const assigned = new Set<string>();
  for (const [, name = ''] of text.matchAll(assignedName)) assigned.add(name);
  for (const name of known) assigned.delete(name);
  for (const [, name = ''] of text.matchAll(firstDeclaredName)) assigned.delete(name);
  if (assigned.size === 0) return false;
  for (const match of text.matchAll(declaringText)) {
    const part = match.slice(1).find((group) => group !== undefined) ?? '';
    for (const [, name = ''] of part.matchAll(declaredName)) assigned.delete(name);
    if (assigned.size === 0) return false;
  }
  if (/\bclass\b/.test(text)) {
    for (const [, name = ''] of text.matchAll(ownProperty)) assigned.delete(name);
  }
  return [...assigned].some((name) => !(name in globalThis));
}
