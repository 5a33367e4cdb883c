import type { Finding } from './finding.ts';
import {
  argumentsOf,
  calleeName,
  isIdentifier,
  isNodeOfType,
  literalText,
  nameOf,
  propertyKey,
  walkTree,
  type TreeNode,
} from './syntax-tree.ts';

/**
 * Whether a node is `__dirname`, `__filename`, one of the properties of `import.meta` with the
 * module's location, or `import.meta` itself, used as a value.
 */
export function isOwnLocation(node: TreeNode, parent: TreeNode | undefined): boolean {
  if (isIdentifier(node, '__dirname') || isIdentifier(node, '__filename')) {
    if (parent === undefined || isPropertyName(node, parent)) return false;
    return !isTypeof(parent);
  }
  if (isNodeOfType(node, 'MemberExpression')) {
    const name = propertyKey(node);
    return (
      isImportMeta(node['object']) &&
      (name === undefined || ['url', 'dirname', 'filename', 'resolve'].includes(name))
    );
  }
  return isImportMeta(node) && parent !== undefined && !isTypeof(parent) && !isMember(parent, node);
}

/** `new.target` is a meta property, too. */
function isImportMeta(node: unknown): boolean {
  return isNodeOfType(node, 'MetaProperty') && isIdentifier(node['meta'], 'import');
}

function isTypeof(node: TreeNode): boolean {
  return isNodeOfType(node, 'UnaryExpression') && node['operator'] === 'typeof';
}

function isMember(parent: TreeNode, node: TreeNode): boolean {
  return isNodeOfType(parent, 'MemberExpression') && parent['object'] === node;
}

/** Calls that append to a path. A literal among their arguments shows which files are meant. */
const pathCalls = new Set(['join', 'resolve', 'URL', 'pathResolve', 'pathJoin']);
/** Calls whose result is the file's own location in another form. */
const conversions = new Set(['dirname', 'fileURLToPath', 'toString', 'normalize']);

/**
 * Returns what the expressions around a file's own location do with the location; undefined when
 * the use is harmless. `ancestors` are the ancestors of the node that names the location.
 */
export function useOfOwnLocation(ancestors: readonly TreeNode[]): Finding | undefined {
  for (const outer of ancestors.toReversed()) {
    switch (outer.type) {
      case 'CallExpression':
      case 'NewExpression': {
        const use = useInCall(outer);
        if (use !== undefined) return use;
        break;
      }
      case 'BinaryExpression':
      case 'TemplateLiteral':
        return 'own-files';
      case 'VariableDeclarator': {
        // `const __dirname = dirname(fileURLToPath(import.meta.url))`: each use of the declared
        // name is judged by itself.
        const name = nameOf(outer['id']);
        return name === '__dirname' || name === '__filename' ? undefined : 'own-directory';
      }
      case 'MemberExpression':
      case 'ParenthesizedExpression':
        break;
      default:
        return 'own-directory';
    }
  }
  return 'own-directory';
}

/** Undefined for a conversion, because the use of its result decides. */
function useInCall(call: TreeNode): Finding | undefined {
  const name = calleeName(call['callee']);
  if (name === undefined) return 'own-directory';
  if (name === 'createRequire' || name === 'createRequireFromPath') return 'own-files';
  if (pathCalls.has(name)) {
    const hasLiteral = argumentsOf(call).some((argument) => literalText(argument) !== undefined);
    return hasLiteral ? 'own-files' : 'own-directory';
  }
  return conversions.has(name) ? undefined : 'own-directory';
}

const comparisons = new Set(['includes', 'indexOf', 'startsWith', 'endsWith', 'replace']);

/** Whether a node is an argument of a call that does more than compare the argument. */
export function isHandedOver(node: TreeNode, parent: TreeNode | undefined): boolean {
  return (
    parent !== undefined &&
    argumentsOf(parent).includes(node) &&
    !comparisons.has(calleeName(parent['callee']) ?? '')
  );
}

/**
 * Whether a location is stored in a property that the file never reads. A bundler of packages
 * writes `__nccwpck_require__.ab = __dirname + '/'` into each of its outputs, and only those that
 * open files read `.ab`. A property of `exports` may be read by other files.
 */
export function isStoredUnread(ancestors: readonly TreeNode[], source: string): boolean {
  const outer = ancestors.findLast(({ type }) => type !== 'BinaryExpression');
  if (!isNodeOfType(outer, 'AssignmentExpression')) return false;
  const place = outer['left'];
  if (!isNodeOfType(place, 'MemberExpression') || place['computed'] === true) return false;
  const object = nameOf(place['object']);
  const property = nameOf(place['property']);
  if (object === undefined || property === undefined || sharedObjects.has(object)) return false;
  return source.split(`.${property}`).length === 2;
}

/** Objects whose properties other files may read. */
const sharedObjects = new Set(['exports', 'module', 'global', 'globalThis', 'process', 'self']);

/** Whether an expression names the file's own location anywhere. */
export function namesOwnLocation(node: TreeNode): boolean {
  let found = false;
  walkTree(node, (inner) => {
    found ||=
      isNodeOfType(inner, 'MetaProperty') ||
      isIdentifier(inner, '__filename') ||
      isIdentifier(inner, '__dirname');
  });
  return found;
}

function isPropertyName(node: TreeNode, parent: TreeNode): boolean {
  if (isNodeOfType(parent, 'MemberExpression')) {
    return parent['property'] === node && parent['computed'] !== true;
  }
  if (isNodeOfType(parent, 'Property')) {
    return parent['key'] === node && parent['computed'] !== true && parent['value'] !== node;
  }
  return isNodeOfType(parent, 'VariableDeclarator') && parent['id'] === node;
}
