import { isIdentifier, nameOf, walkTree, type TreeNode } from '../../syntax/syntax-tree.ts';
import { metaExpression, type TextEdit } from './location-rewrite.ts';

/**
 * What `module` has in Node and not in a bundle. `parent` has to be true in conditions: a bundled
 * module was loaded by another one, and `if (!module.parent)` guards what only a program does.
 *
 * @param place Of the module in the artifact
 */
function propertiesAt(place: string): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({
      parent: '{ id: ".", children: [], exports: {} }',
      children: '[]',
      paths: '[]',
      id: metaExpression('filename', place),
      filename: metaExpression('filename', place),
      path: metaExpression('dirname', place),
    }),
  );
}

/** Whether a text may use the properties of its `module` that a bundle does not give it. */
export function mayUseModuleObject(source: string): boolean {
  return /\bmodule\.(?:parent|children|paths?|id|filename|require)\b/.test(source);
}

/**
 * Gives the `module` of a CommonJS module the properties that a bundle does not give it.
 *
 * @param place Of the module in the artifact
 */
export function moduleObjectEdits(program: unknown, place: string): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  const properties = propertiesAt(place);
  walkTree(program, (node, ancestors) => {
    if (node.type !== 'MemberExpression' || !isIdentifier(node['object'], 'module')) return;
    const name = nameOf(node['property']) ?? '';
    const fallback = properties.get(name);
    const parent = ancestors.at(-1);
    const isTarget = parent?.['left'] === node || parent?.['argument'] === node;
    if (node['computed'] === true || ancestors.some(declaresModule)) return;
    if (name === 'require' && parent?.['callee'] === node) {
      // esbuild bundles what a call of this name loads.
      edits.push({ start: node.start, end: node.end, text: 'require' });
      return;
    }
    if (fallback === undefined || (isTarget && parent?.type !== 'UnaryExpression')) return;
    edits.push({ start: node.start, end: node.start, text: '(' });
    edits.push({ start: node.end, end: node.end, text: ` || ${fallback})` });
  });
  return edits;
}

function declaresModule({ params }: TreeNode): boolean {
  return Array.isArray(params) && params.some((one) => isIdentifier(one, 'module'));
}
