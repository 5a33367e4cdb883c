/**
 * A node of an ESTree syntax tree, seen loosely: who walks other people's code asks for what is
 * there.
 */
export interface TreeNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export function isNode(value: unknown): value is TreeNode {
  return (
    typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
  );
}

export function isNodeOfType<Type extends string>(
  value: unknown,
  type: Type,
): value is TreeNode & { readonly type: Type } {
  return isNode(value) && value.type === type;
}

/** The text of a string literal or of a template without holes. */
export function literalText(node: unknown): string | undefined {
  if (isNodeOfType(node, 'Literal')) {
    return typeof node['value'] === 'string' ? node['value'] : undefined;
  }
  if (!isNodeOfType(node, 'TemplateLiteral')) return undefined;
  const { quasis } = node;
  if (!Array.isArray(quasis) || quasis.length !== 1) return undefined;
  const value: unknown = isNode(quasis[0]) ? quasis[0]['value'] : undefined;
  return typeof value === 'object' &&
    value !== null &&
    'cooked' in value &&
    typeof value.cooked === 'string'
    ? value.cooked
    : undefined;
}

/** Visits every node before its children; `ancestors` ends with the parent. */
export function walkTree(
  root: unknown,
  visit: (node: TreeNode, ancestors: readonly TreeNode[]) => void,
): void {
  const ancestors: TreeNode[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) walk(item);
      return;
    }
    if (!isNode(value)) return;
    visit(value, ancestors);
    ancestors.push(value);
    for (const key in value) {
      const child = value[key];
      if (typeof child === 'object' && child !== null) walk(child);
    }
    ancestors.pop();
  };
  walk(root);
}
