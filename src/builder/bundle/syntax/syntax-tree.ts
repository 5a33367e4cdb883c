/**
 * A node of an ESTree syntax tree, typed loosely: the code of packages can have any shape, so every
 * field is checked before it is used.
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

/** Returns the text of a string literal or of a template without substitutions. */
export function literalText(node: unknown): string | undefined {
  if (isNodeOfType(node, 'Literal')) {
    return typeof node['value'] === 'string' ? node['value'] : undefined;
  }
  if (!isNodeOfType(node, 'TemplateLiteral')) return undefined;
  const { quasis } = node;
  return Array.isArray(quasis) && quasis.length === 1 ? cookedText(quasis[0]) : undefined;
}

/** Returns the literal text at the start of an expression, such as `./a/` in `'./a/' + name`. */
export function leadingText(node: unknown): string | undefined {
  if (isNodeOfType(node, 'BinaryExpression')) return leadingText(node['left']);
  if (isNodeOfType(node, 'TemplateLiteral') && Array.isArray(node['quasis'])) {
    return cookedText(node['quasis'][0]);
  }
  return literalText(node);
}

/** Returns the text of a piece of a template; undefined for an invalid escape. */
export function cookedText(quasi: unknown): string | undefined {
  const value: unknown = isNode(quasi) ? quasi['value'] : undefined;
  return typeof value === 'object' &&
    value !== null &&
    'cooked' in value &&
    typeof value.cooked === 'string'
    ? value.cooked
    : undefined;
}

/** Returns the name of an identifier; undefined for any other node. */
export function nameOf(node: unknown): string | undefined {
  return isNodeOfType(node, 'Identifier') && typeof node['name'] === 'string'
    ? node['name']
    : undefined;
}

export function isIdentifier(node: unknown, name: string): boolean {
  return nameOf(node) === name;
}

/** Returns the name by which a function is called: `f` in `f()` and in `a.b.f()`. */
export function calleeName(callee: unknown): string | undefined {
  return isNodeOfType(callee, 'MemberExpression') ? nameOf(callee['property']) : nameOf(callee);
}

/**
 * Returns the name of a property, from a node with a `key` or with a `property`; undefined for a
 * name that is computed.
 */
export function propertyKey(node: TreeNode): string | undefined {
  const key = node['key'] ?? node['property'];
  if (isNodeOfType(key, 'Literal')) return String(key['value']);
  return node['computed'] === true ? literalText(key) : nameOf(key);
}

export function argumentsOf(node: TreeNode): readonly unknown[] {
  return Array.isArray(node['arguments']) ? node['arguments'] : [];
}

/**
 * Whether a surrounding function has a parameter of this name. With the name `require`, the file
 * has a module system of its own, as Browserify writes it.
 */
export function isParameter(name: string, ancestors: readonly TreeNode[]): boolean {
  return ancestors.some(
    (ancestor) =>
      Array.isArray(ancestor['params']) &&
      ancestor['params'].some((parameter) => isIdentifier(parameter, name)),
  );
}

/** Visits every node before its children. The last of `ancestors` is the node's parent. */
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
