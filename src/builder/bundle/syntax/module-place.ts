import { parseSync } from 'oxc-parser';
import { isIdentifier, isNode, nameOf, walkTree, type TreeNode } from './syntax-tree.ts';

/** Larger texts are not parsed, because that would take too long. */
const maxParsedBytes = 1024 * 1024;

/**
 * Whether a CommonJS module asks Node's `module` object for its own place (`module.filename`,
 * `module.path`), which `module` does not have in a bundle.
 *
 * @param latin1 The same bytes
 */
export function asksModuleForPlace(file: string, bytes: Buffer, latin1: string): boolean {
  if (/\.m[jt]s$/.test(file) || bytes.length > maxParsedBytes) return false;
  if (!/\bmodule\.(?:filename|path)\b/.test(latin1)) return false;
  const { program, module } = parseSync(file, bytes.toString(), { sourceType: 'unambiguous' });
  if (module.hasModuleSyntax) return false;
  let asks = false;
  let declares = false;
  walkTree(program, (node) => {
    declares ||= declaresModule(node);
    asks ||= isPlaceOfModule(node);
  });
  return asks && !declares;
}

function isPlaceOfModule(node: TreeNode): boolean {
  return (
    node.type === 'MemberExpression' &&
    isIdentifier(node['object'], 'module') &&
    node['computed'] !== true &&
    ['filename', 'path'].includes(nameOf(node['property']) ?? '')
  );
}

/** Whether a node gives the name `module` to a variable or a parameter of the program's own. */
function declaresModule(node: TreeNode): boolean {
  if (node.type === 'VariableDeclarator') return isIdentifier(node['id'], 'module');
  if (Array.isArray(node['params'])) {
    return node['params'].some((one: unknown) => isIdentifier(one, 'module'));
  }
  return (
    node.type === 'ObjectPattern' &&
    Array.isArray(node['properties']) &&
    node['properties'].some((one: unknown) => isNode(one) && isIdentifier(one['value'], 'module'))
  );
}
