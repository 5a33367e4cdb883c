import type { Node } from 'oxc-parser';
import type { SourceModule } from './source-module.ts';

/**
 * The first place that gives a top-level name, or a property of it, another value than its declaration did.
 * A local variable of the same name inside a function counts as well: to be wrong in that direction is an error a user sees.
 */
export function findMutation(module: SourceModule, name: string): Node | undefined {
  let found: Node | undefined;
  visit(module.program, (node) => {
    const target = node.type === 'AssignmentExpression' ? node.left : node.type === 'UpdateExpression' ? node.argument : undefined;
    if (target !== undefined && rootName(target) === name) found ??= node;
  });
  return found;
}

function rootName(node: Node): string | undefined {
  let current = node;
  while (current.type === 'MemberExpression') current = current.object;
  return current.type === 'Identifier' ? current.name : undefined;
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node);
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item, see);
    } else if (isNode(value)) visit(value, see);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
