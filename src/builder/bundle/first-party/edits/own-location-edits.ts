import type { ModuleOutline } from '../../paths/module-outline.ts';
import { isNodeOfType, nameOf, propertyKey, type TreeNode } from '../../syntax/syntax-tree.ts';
import {
  locationVariables,
  metaExpression,
  metaObject,
  type TextEdit,
} from './location-rewrite.ts';

/** Replaces the expressions by which a module names its own location with its place in the artifact. */
export function ownLocationEdits(outline: ModuleOutline, place: string): readonly TextEdit[] {
  const edits = outline.metaProperties.flatMap(({ node, parent }) => metaEdit(node, parent, place));
  const free = new Set(
    outline.locationNames
      .filter(({ node, parent }) => isFreeName(node, parent, outline))
      .map(({ node }) => nameOf(node) ?? ''),
  );
  if (free.size > 0) edits.push(locationVariables([...free], place, outline.firstStatement));
  return edits;
}

function isFreeName(node: TreeNode, parent: TreeNode | undefined, outline: ModuleOutline): boolean {
  const name = nameOf(node) ?? '';
  const isKey =
    parent !== undefined &&
    parent['computed'] !== true &&
    (parent['property'] === node || (parent['key'] === node && parent['shorthand'] !== true));
  return !isKey && outline.declarations.find(name, node.start) === undefined;
}

function metaEdit(node: TreeNode, parent: TreeNode | undefined, place: string): TextEdit[] {
  if (!isImportMeta(node)) return [];
  if (isNodeOfType(parent, 'MemberExpression') && parent['object'] === node) {
    const name = propertyKey(parent);
    if (name === 'url' || name === 'dirname' || name === 'filename') {
      const { start, end } = parent;
      return [{ start, end, text: metaExpression(name, place) }];
    }
    // Other properties are those of the bundle: `import.meta.main`, `import.meta.env`.
    if (name !== undefined) return [];
  }
  return [{ start: node.start, end: node.end, text: metaObject(place) }];
}

/** `new.target` is a meta property, too. */
function isImportMeta(node: TreeNode): boolean {
  return nameOf(node['meta']) === 'import';
}
