import { isNode, isNodeOfType, walkTree, type TreeNode } from './syntax-tree.ts';

/** A place in a text, in UTF-16 code units. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/** A statement at the top of a module: its place, and what other statements can depend on. */
export interface Statement extends SourceRange {
  /** Names of the values and functions it declares; not those of classes, as no path is in one. */
  readonly declares: readonly string[];
  /** Whether it only imports or exports from another module. */
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

/** Every name in a pattern. Keys and defaults are among them, which does no harm. */
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
