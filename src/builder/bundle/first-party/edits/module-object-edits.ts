import { isIdentifier, nameOf, walkTree, type TreeNode } from '../../syntax/syntax-tree.ts';
import type { TextEdit } from './location-rewrite.ts';

/**
 * What `module` has in Node and not in a bundle. `parent` has to be true in conditions: a bundled
 * module was loaded by another one, and `if (!module.parent)` guards what only a program does.
 */
const properties: Readonly<Record<string, string>> = {
  parent: '{ id: ".", children: [], exports: {} }',
  children: '[]',
  paths: '[]',
};

/** Whether a text may use the properties of its `module` that a bundle does not give it. */
export function mayUseModuleObject(source: string): boolean {
  return /\bmodule\.(?:parent|children|paths)\b/.test(source);
}

/** Gives the `module` of a CommonJS module the properties that a bundle does not give it. */
export function moduleObjectEdits(program: unknown): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  walkTree(program, (node, ancestors) => {
    if (node.type !== 'MemberExpression' || !isIdentifier(node['object'], 'module')) return;
    const fallback = properties[nameOf(node['property']) ?? ''];
    const parent = ancestors.at(-1);
    const isTarget = parent?.['left'] === node || parent?.['argument'] === node;
    if (fallback === undefined || node['computed'] === true) return;
    if (isTarget && parent?.type !== 'UnaryExpression') return;
    if (ancestors.some(declaresModule)) return;
    edits.push({ start: node.start, end: node.start, text: '(' });
    edits.push({ start: node.end, end: node.end, text: ` || ${fallback})` });
  });
  return edits;
}

function declaresModule({ params }: TreeNode): boolean {
  return Array.isArray(params) && params.some((one) => isIdentifier(one, 'module'));
}
