import type { CallExpression, Expression, PropertyKey } from 'oxc-parser';

/** A parsed file with the text of its nodes. */
interface ParsedText {
  readonly source: string;
}

/** Removes parentheses and TypeScript's `as`, `satisfies`, `<T>` and `!` from an expression. */
export function unwrap(expression: Expression): Expression {
  let current = expression;
  while (
    current.type === 'ParenthesizedExpression' ||
    current.type === 'TSAsExpression' ||
    current.type === 'TSSatisfiesExpression' ||
    current.type === 'TSTypeAssertion' ||
    current.type === 'TSNonNullExpression'
  ) {
    current = current.expression;
  }
  return current;
}

/** The name of a property from its key, which must not be computed. */
export function writtenKey(key: PropertyKey): string | undefined {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : undefined;
}

/** The source text of a node. */
export function textOf(
  { source }: ParsedText,
  { start, end }: { readonly start: number; readonly end: number },
): string {
  return source.slice(start, end);
}

/** The argument of `Object.freeze(…)` and `Object.seal(…)`; undefined for other calls. */
export function frozenArgument(
  { callee, arguments: [argument] }: CallExpression,
  module: ParsedText,
): Expression | undefined {
  return argument !== undefined &&
    argument.type !== 'SpreadElement' &&
    /^Object\s*\.\s*(?:freeze|seal)$/.test(textOf(module, callee))
    ? argument
    : undefined;
}

/** The specifier of `require('…')`; undefined for other expressions. */
export function requiredSpecifier(expression: Expression): string | undefined {
  if (
    expression.type !== 'CallExpression' ||
    expression.callee.type !== 'Identifier' ||
    expression.callee.name !== 'require'
  ) {
    return undefined;
  }
  const [argument] = expression.arguments;
  return argument?.type === 'Literal' && typeof argument.value === 'string'
    ? argument.value
    : undefined;
}
