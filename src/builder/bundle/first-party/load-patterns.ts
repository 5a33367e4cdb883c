import {
  argumentsOf,
  calleeName,
  isIdentifier,
  isNode,
  isNodeOfType,
  literalText,
  nameOf,
  type TreeNode,
} from '../syntax/syntax-tree.ts';
import type { SourceRange } from '../syntax/top-level.ts';

/**
 * A call of `require`, `import` or another function with a path that is known in part: it starts
 * with a literal that names a place relative to the file, and has at least one computed piece.
 */
export interface LoadPattern {
  readonly call: SourceRange;
  readonly argument: SourceRange;
  /** The second argument of `import()`. */
  readonly options: SourceRange | undefined;
  /** `import`, `require`, or the name of another function that is called. */
  readonly how: string;
  /** The literal pieces in order. A computed piece stands between each two of them. */
  readonly literals: readonly string[];
  /** Whether the call stands in a `try` block, so that it may find nothing. */
  readonly isGuarded: boolean;
}

/** Returns the pattern of a call; undefined when its path is completely known or unknown. */
export function loadPatternOf(
  node: TreeNode,
  ancestors: readonly TreeNode[],
): LoadPattern | undefined {
  const load = loadOf(node);
  if (load === undefined || ancestors.some((one) => hasParameter(one, load.how))) return undefined;
  const { argument, options, how } = load;
  const literals = literalsOf(argument);
  if (literals === undefined || literals.length < 2) return undefined;
  if (!/^\.{1,2}\//.test(literals[0] ?? '')) return undefined;
  return {
    call: node,
    argument,
    options,
    how,
    literals,
    isGuarded: ancestors.some(
      (ancestor, index) =>
        ancestor.type === 'TryStatement' && ancestor['block'] === ancestors[index + 1],
    ),
  };
}

function loadOf(node: TreeNode):
  | {
      readonly argument: TreeNode;
      readonly options: TreeNode | undefined;
      readonly how: string;
    }
  | undefined {
  if (isNodeOfType(node, 'ImportExpression')) {
    const { source, options } = node;
    return isNode(source)
      ? { argument: source, options: isNode(options) ? options : undefined, how: 'import' }
      : undefined;
  }
  if (!isNodeOfType(node, 'CallExpression') || node['optional'] === true) return undefined;
  const how = nameOf(node['callee']);
  const [argument, ...others] = argumentsOf(node);
  if (how === undefined || others.length > 0 || !isNode(argument)) return undefined;
  return { argument, options: undefined, how };
}

/**
 * Returns the literal pieces of a text with an empty piece where two computed pieces meet.
 * `__dirname`, and calls that join paths or make a URL from the file's own location, count as `.`.
 * Undefined when the start of the text is unknown.
 */
function literalsOf(node: TreeNode): readonly string[] | undefined {
  const pieces = piecesOf(node);
  if (pieces[0] === undefined) return undefined;
  const literals = [''];
  let computedLast = false;
  for (const piece of pieces) {
    if (piece === undefined) {
      if (!computedLast) literals.push('');
    } else {
      literals.push(`${literals.pop() ?? ''}${piece}`);
    }
    computedLast = piece === undefined;
  }
  return literals;
}

/** Undefined stands for a computed piece. */
type Piece = string | undefined;

function piecesOf(node: unknown): readonly Piece[] {
  const literal = literalText(node);
  if (literal !== undefined) return [literal];
  if (isOwnDirectory(node)) return ['.'];
  if (isNodeOfType(node, 'BinaryExpression') && node['operator'] === '+') {
    return [...piecesOf(node['left']), ...piecesOf(node['right'])];
  }
  if (isNodeOfType(node, 'TemplateLiteral')) return piecesOfTemplate(node);
  if (isNodeOfType(node, 'CallExpression')) return piecesOfCall(node);
  if (isNodeOfType(node, 'MemberExpression') && nameOf(node['property']) === 'href') {
    return piecesOf(node['object']);
  }
  if (isNodeOfType(node, 'NewExpression') && isIdentifier(node['callee'], 'URL')) {
    const [relative, base] = argumentsOf(node);
    return isOwnUrl(base) ? piecesOf(relative) : [undefined];
  }
  return [undefined];
}

function piecesOfTemplate(node: TreeNode): readonly Piece[] {
  const quasis = Array.isArray(node['quasis']) ? node['quasis'] : [];
  const expressions = Array.isArray(node['expressions']) ? node['expressions'] : [];
  const pieces: Piece[] = [];
  for (const [index, quasi] of quasis.entries()) {
    const text = literalText({ ...node, quasis: [quasi] });
    if (text !== '') pieces.push(text);
    if (index < expressions.length) pieces.push(...piecesOf(expressions[index]));
  }
  return pieces;
}

/** Reads `path.join(__dirname, 'handlers', name)`, and `pathToFileURL` around it. */
function piecesOfCall(node: TreeNode): readonly Piece[] {
  const name = calleeName(node['callee']);
  const [first, ...others] = argumentsOf(node);
  if (name === 'pathToFileURL' || name === 'String' || name === 'toString') return piecesOf(first);
  if (name !== 'join' && name !== 'resolve') return [undefined];
  if (!isOwnDirectory(first)) return [undefined];
  const pieces: Piece[] = ['.'];
  for (const argument of others) pieces.push('/', ...piecesOf(argument));
  return pieces;
}

function isOwnDirectory(node: unknown): boolean {
  return (
    isIdentifier(node, '__dirname') ||
    (isNodeOfType(node, 'MemberExpression') &&
      isNodeOfType(node['object'], 'MetaProperty') &&
      nameOf(node['property']) === 'dirname')
  );
}

function isOwnUrl(node: unknown): boolean {
  return (
    isNodeOfType(node, 'MemberExpression') &&
    isNodeOfType(node['object'], 'MetaProperty') &&
    nameOf(node['property']) === 'url'
  );
}

function hasParameter(node: TreeNode, name: string): boolean {
  return Array.isArray(node['params']) && node['params'].some((one) => isIdentifier(one, name));
}
