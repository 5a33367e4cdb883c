import { isIdentifier, isNode, isNodeOfType } from '../syntax/syntax-tree.ts';
import { hole, maxChoices, plainText, type PathValue } from './path-value.ts';

/**
 * Joins the values that an expression can have. A hole stands for a choice of which nothing is
 * known: `query.lang ?? 'en'` can be any text, and not only `en`.
 *
 * @param choices The values of each choice
 */
export function anyOf(choices: readonly (readonly PathValue[])[]): readonly PathValue[] {
  const all = choices.flat();
  const isOpen = hasText(all) && !choices.every(hasText);
  return (isOpen ? [plainText(hole), ...all] : all).slice(0, maxChoices);
}

function hasText(values: readonly PathValue[]): boolean {
  return values.some(({ kind }) => kind === 'text');
}

/** Whether an expression is written as no value, as in `let file = null`. */
export function isNoValue(node: unknown): boolean {
  if (!isNode(node) || isIdentifier(node, 'undefined')) return true;
  if (isNodeOfType(node, 'Literal')) return node['value'] === null || node['value'] === false;
  return isNodeOfType(node, 'UnaryExpression') && node['operator'] === 'void';
}
