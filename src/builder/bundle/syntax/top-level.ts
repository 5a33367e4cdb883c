import { isNode, isNodeOfType, walkTree, type TreeNode } from './syntax-tree.ts';

/** A range of a text, in UTF-16 code units. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A statement at the top level of a module: its range, and the names that other statements can
 * depend on.
 */
export interface Statement extends SourceRange {
  /**
   * Names of the values and functions that the statement declares. Names of classes are left out,
   * because a class holds no path.
   */
  readonly declares: readonly string[];
  /** Whether the statement only imports or exports from another module. */
  readonly isLink: boolean;
}

export function topLevelStatements(body: readonly TreeNode[]): readonly Statement[] {
  return body.map((statement) => ({
    start: statement.start,
    end: statement.end,
    declares: declaredBy(statement),
    isLink: isNode(statement['source']),
  }));
}

function declaredBy(statement: TreeNode): readonly string[] {
  if (isNode(statement['declaration'])) return declaredBy(statement['declaration']);
  switch (statement.type) {
    case 'FunctionDeclaration':
      return namesIn(statement['id']);
    case 'VariableDeclaration':
      return listOf(statement['declarations']).flatMap((declarator) => namesIn(declarator['id']));
    case 'ImportDeclaration':
      return listOf(statement['specifiers']).flatMap((specifier) => namesIn(specifier['local']));
    case 'ExpressionStatement':
      return isNodeOfType(statement['expression'], 'AssignmentExpression') &&
        isNodeOfType(statement['expression']['left'], 'Identifier')
        ? namesIn(statement['expression']['left'])
        : [];
    default:
      return [];
  }
}

/** Returns every name in a pattern. Names of keys and defaults are included, which does no harm. */
function namesIn(pattern: unknown): readonly string[] {
  const names: string[] = [];
  walkTree(pattern, (node) => {
    if (isNodeOfType(node, 'Identifier') && typeof node['name'] === 'string') {
      names.push(node['name']);
    }
  });
  return names;
}

function listOf(value: unknown): readonly TreeNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}
