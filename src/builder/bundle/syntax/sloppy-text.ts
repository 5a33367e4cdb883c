/**
 * Matches a text that is strict by its first statement, or by being an ES module, whose text may be
 * one line.
 */
const strictText = /^(?:["']use strict["']|(?:import|export)[\s{*"'])|[;}]export\s*\{[\w$\s,]+\}/m;
/** Matches a loop that assigns to a name without declaring it. */
const looseLoop = /\bfor\s*\(\s*(?!(?:var|let|const)\b)([\w$]+)\s*(?:=[^=]|in\b|of\b)/g;
/** Matches `arguments.callee`, and a function that is called where it stands and uses `this`. */
const looseCall = /\barguments\.calle[er]|(?<![\w$\])])\(function\s*\([^()]*\)\s*\{\s*this\./;
/** Matches a variable that is meant to be the global object. */
const globalObjectVariable = /\b(?:root|global|window|self)\s*=\s*this\b/;
const deletedName = /\bdelete\s+[A-Za-z_$][\w$]*\s*(?:[;,)}\n]|$)/;
const repeatedParameter =
  /\bfunction\b[^(){}]*\([^()]*?(?<=[(,]\s*)([\w$]+)\s*,[^()]*?(?<=,\s*)\1\s*[,)]/;
/** Matches a statement that assigns to a pattern. */
const assignedPattern = /(?:^|[;{}])\s*(?:\(\s*\{[\w$\s,:[\]]*\}|\[[\w$\s,]*\])\s*=[^=>]/gm;
/**
 * Matches the parts of a text that declare names: the list of a `var`, the parameters of functions
 * and of `catch`, and the name of a class. The name of a function is left out, because code may
 * assign to the name of a function expression in vain.
 */
const declaringText =
  /\b(?:var|let|const)\s([^;]*)|\bfunction\b[^(]*\(([^)]*)\)|\(([^()]*)\)\s*=>|(?<![\w$])([\w$]+)\s*=>|\bclass\s+([\w$]+)|\bcatch\s*\(([^)]*)\)/g;
/**
 * Matches the parameters of functions and methods, also those inside of the values of variables,
 * which `declaringText` takes as a whole.
 */
const parameterList = /(?<!\b(?:if|for|while|switch|with)\s*)\(([^()]*)\)\s*(?:\{|=>)/g;
/** Matches a declared name in such a part, but not the second name of `a = b = c`. */
const declaredName =
  /(?:^|[,{[:]|\.\.\.)\s*(?:\/\/[^\n]*\n\s*|\/\*[^*]*\*+\/\s*)*([A-Za-z_$][\w$]*)/g;
/** Matches the first name of a declaration, which may stand inside another declaration's value. */
const firstDeclaredName = /\b(?:var|let|const)\s+([A-Za-z_$][\w$]*)/g;
/** Matches the use of a property, whose declaration in a class looks like an assignment. */
const ownProperty = /\bthis\.([A-Za-z_$][\w$]*)/g;
/** Names that a CommonJS module does not declare itself. */
const known = ['exports', 'module', 'require'];

/** Matches a comment or a string, where an assignment is none. */
const commentOrString = /\/\/[^\n]*|\/\*[^]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g;
/** Matches the start of a class, up to its first method, and a field in that part. */
const classStart = /\bclass\b[^{};]*\{([^(]*)/g;
const fieldName = /(?:^|[;\n])\s*(?:static\s+)?([A-Za-z_$][\w$]*)\s*=/g;
const staticField = /\bstatic\s+([A-Za-z_$][\w$]*)\s*=/g;

/**
 * Whether the text of a CommonJS module may contain code that means something else in strict mode.
 * The test is cheap; a positive answer has to be confirmed by the syntax tree. Its patterns are
 * ASCII, so bytes can be passed as Latin-1.
 */
export function isSloppyText(latin1: string): boolean {
  return !strictText.test(latin1) && (globalObjectVariable.test(latin1) || isSloppy(latin1));
}

/**
 * The same test for the text of a package, where variables for the global object do not count:
 * libraries for browsers have them, for the case that there is no `module`.
 */
export function isSloppyPackageText(latin1: string): boolean {
  return !strictText.test(latin1) && isSloppy(latin1);
}

function isSloppy(text: string): boolean {
  return (
    [looseCall, deletedName, repeatedParameter].some((one) => one.test(text)) ||
    hasLooseLoop(text) ||
    assignsUndeclared(text)
  );
}

function hasLooseLoop(text: string): boolean {
  for (const { index, 1: name = '' } of text.matchAll(looseLoop)) {
    if (!isDeclaredAbove(name, text, index)) return true;
  }
  return false;
}

/**
 * Whether a name seems to be declared between the start of the nearest function above and an index.
 * A declaration in another function does not count. Methods of classes, which have no such start,
 * are strict.
 */
function isDeclaredAbove(name: string, text: string, index: number): boolean {
  const start = Math.max(text.lastIndexOf('function', index), text.lastIndexOf('=>', index), 0);
  for (const [, list = ''] of text.slice(start, index).matchAll(/\b(?:var|let|const)\s([^;]*)/g)) {
    for (const [, declared] of list.matchAll(declaredName)) if (declared === name) return true;
  }
  return false;
}

/**
 * Whether a name is assigned that nothing seems to declare. The text is read twice: comments and
 * strings hide declarations in one reading, and regular expressions with quotes in the other.
 */
function assignsUndeclared(text: string): boolean {
  const names = undeclaredNames(text);
  if (names.size === 0) return false;
  const again = undeclaredNames(text.replaceAll(commentOrString, '""'));
  return [...names].some((name) => again.has(name));
}

/** Returns the names that a text assigns to and does not seem to declare. */
function undeclaredNames(text: string): ReadonlySet<string> {
  const assigned = assignedNames(text);
  for (const [pattern] of text.matchAll(assignedPattern)) {
    for (const [name] of pattern.matchAll(/[A-Za-z_$][\w$]*(?![\w$]|\s*:)/g)) assigned.add(name);
  }
  for (const name of known) assigned.delete(name);
  if (assigned.size === 0) return assigned;
  for (const [, name = ''] of text.matchAll(firstDeclaredName)) assigned.delete(name);
  for (const name of assigned) if (name in globalThis) assigned.delete(name);
  if (assigned.size === 0) return assigned;
  for (const match of text.matchAll(declaringText)) {
    const part = match.slice(1).find((group) => group !== undefined) ?? '';
    for (const [, name = ''] of part.matchAll(declaredName)) assigned.delete(name);
    if (assigned.size === 0) return assigned;
  }
  for (const [, list = ''] of text.matchAll(parameterList)) {
    for (const [, name = ''] of list.matchAll(declaredName)) assigned.delete(name);
  }
  if (assigned.size > 0 && /\bclass\b/.test(text)) {
    for (const name of fieldNames(text)) assigned.delete(name);
  }
  return assigned;
}

/**
 * Returns the names to which a text assigns by `name = …`, without those that the same statement
 * declares. Names after a comma are left out: they are further variables of a declaration and
 * defaults of parameters and patterns, and an assignment there is rare outside of minified code.
 */
function assignedNames(text: string): Set<string> {
  const names = new Set<string>();
  for (let at = text.indexOf('='); at !== -1; at = text.indexOf('=', at + 1)) {
    const next = text[at + 1];
    // Not `==`, not `=>`, and not the text of a template such as `name=${value}`.
    if (next === '=' || next === '>') {
      at += 1;
    } else if (next !== '$' || text[at + 2] !== '{') {
      const end = skipSpace(text, at);
      const start = skipName(text, end);
      if (start < end && mayBeAssigned(text, start)) names.add(text.slice(start, end));
    }
  }
  return names;
}

/** Whether what stands before a name lets it be the target of an assignment. */
function mayBeAssigned(text: string, start: number): boolean {
  const before = skipSpace(text, start);
  const previous = text[before - 1];
  if (previous === ',' || previous === '.' || previous === '#') return false;
  const first = text.charCodeAt(start);
  if (first >= 48 && first <= 57) return false;
  return (
    before === start || !/^(?:const|let|var)$/.test(text.slice(skipName(text, before), before))
  );
}

/** Returns the index after the last character before `end` that is no white space. */
function skipSpace(text: string, end: number): number {
  let at = end;
  while (at > 0 && isSpace(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

/** Returns the index at which the name begins that ends before `end`. */
function skipName(text: string, end: number): number {
  let at = end;
  while (at > 0 && isNamePart(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Whether a character is a digit, a letter of ASCII, `$` or `_`. */
function isNamePart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 36 ||
    code === 95
  );
}

/** Returns the names that look like fields of classes: declared before a method, or used. */
function* fieldNames(text: string): Generator<string> {
  for (const [, name = ''] of text.matchAll(ownProperty)) yield name;
  for (const [, name = ''] of text.matchAll(staticField)) yield name;
  for (const [, start = ''] of text.matchAll(classStart)) {
    for (const [, name = ''] of start.matchAll(fieldName)) yield name;
  }
}
