import { parseSync } from 'oxc-parser';
import {
  argumentsOf,
  isIdentifier,
  isNode,
  isNodeOfType,
  literalText,
  nameOf,
  propertyKey,
  walkTree,
  type TreeNode,
} from './syntax-tree.ts';
import type { SourceRange } from './top-level.ts';

/** An `import()` or `require()` that runs only where `NODE_ENV` is not `production`. */
export interface DevelopmentLoad extends SourceRange {
  readonly specifier: string;
}

/** When a condition holds: only outside production, or always in production. */
type Holds = 'development' | 'production' | undefined;

/**
 * Finds the loads by a literal name in branches that are not taken in production: below
 * `process.env.NODE_ENV !== 'production'`, in the other branch of `=== 'production'`, after a
 * `return` in production, also by a constant of the module. A name that the file loads elsewhere,
 * too, is left out.
 */
export function developmentLoads(file: string, source: string): readonly DevelopmentLoad[] {
  if (!source.includes('NODE_ENV')) return [];
  const { program } = parseSync(file, source, { sourceType: 'unambiguous' });
  const conditions = new Conditions(program);
  const found: DevelopmentLoad[] = [];
  const others = new Set<string>();
  walkTree(program, (node, ancestors) => {
    const specifier = loadedName(node);
    if (specifier === undefined) return;
    if (conditions.isDevelopmentOnly(node, ancestors)) {
      found.push({ specifier, start: node.start, end: node.end });
    } else {
      others.add(specifier);
    }
  });
  return found.filter(({ specifier }) => !others.has(specifier));
}

/** Returns the literal name that a node imports or requires; undefined for every other node. */
function loadedName(node: TreeNode): string | undefined {
  if (isNodeOfType(node, 'CallExpression')) {
    return isIdentifier(node['callee'], 'require') ? literalText(argumentsOf(node)[0]) : undefined;
  }
  const isImport =
    node.type === 'ImportExpression' ||
    node.type === 'ImportDeclaration' ||
    node.type === 'ExportNamedDeclaration' ||
    node.type === 'ExportAllDeclaration';
  return isImport ? literalText(node['source']) : undefined;
}

/** Reads the conditions of one module. */
class Conditions {
  readonly #constants = new Map<string, unknown>();

  constructor(program: unknown) {
    walkTree(program, (node, ancestors) => {
      const declaration = ancestors.at(-1);
      if (!isNodeOfType(node, 'VariableDeclarator') || declaration?.['kind'] !== 'const') return;
      const name = nameOf(node['id']);
      // Two constants of one name are in different scopes, and nothing is known about either.
      if (name !== undefined) {
        this.#constants.set(name, this.#constants.has(name) ? undefined : node['init']);
      }
    });
  }

  /** Whether a branch around a node is never taken in production. */
  isDevelopmentOnly(node: TreeNode, ancestors: readonly TreeNode[]): boolean {
    let inner = node;
    for (const outer of ancestors.toReversed()) {
      if (this.#isOtherBranch(inner, outer) || this.#followsExit(inner, outer)) return true;
      inner = outer;
    }
    return false;
  }

  /** Whether `inner` is the branch of `outer` that is not taken in production. */
  #isOtherBranch(inner: TreeNode, outer: TreeNode): boolean {
    if (isNodeOfType(outer, 'LogicalExpression')) {
      if (inner !== outer['right'] || outer['operator'] === '??') return false;
      const left = this.#holds(outer['left']);
      return left === (outer['operator'] === '&&' ? 'development' : 'production');
    }
    if (outer.type !== 'IfStatement' && outer.type !== 'ConditionalExpression') return false;
    const test = this.#holds(outer['test']);
    return (
      (inner === outer['consequent'] && test === 'development') ||
      (inner === outer['alternate'] && test === 'production')
    );
  }

  /** Whether `inner` follows an `if` in its block that ends the function in production. */
  #followsExit(inner: TreeNode, { body }: TreeNode): boolean {
    if (!Array.isArray(body)) return false;
    return body
      .slice(0, body.indexOf(inner))
      .some(
        (statement) =>
          isNodeOfType(statement, 'IfStatement') &&
          this.#holds(statement['test']) === 'production' &&
          isExit(statement['consequent']),
      );
  }

  #holds(test: unknown): Holds {
    if (!isNode(test)) return undefined;
    switch (test.type) {
      case 'ParenthesizedExpression':
        return this.#holds(test['expression']);
      case 'UnaryExpression':
        return test['operator'] === '!' ? opposite(this.#holds(test['argument'])) : undefined;
      case 'Identifier':
        return this.#holdsConstant(nameOf(test));
      case 'BinaryExpression':
        return holdsComparison(test);
      case 'LogicalExpression':
        return this.#holdsLogical(test);
      default:
        return undefined;
    }
  }

  #holdsConstant(name: string | undefined): Holds {
    if (name === undefined || !this.#constants.has(name)) return undefined;
    const value = this.#constants.get(name);
    // The constant is forgotten while its value is read, because the value may name it.
    this.#constants.delete(name);
    const holds = this.#holds(value);
    this.#constants.set(name, value);
    return holds;
  }

  #holdsLogical(test: TreeNode): Holds {
    const sides = [this.#holds(test['left']), this.#holds(test['right'])];
    if (test['operator'] === '&&') return sides.find((side) => side === 'development');
    return test['operator'] === '||' ? sides.find((side) => side === 'production') : undefined;
  }
}

/** Reads a comparison of NODE_ENV with a text. */
function holdsComparison(test: TreeNode): Holds {
  const { left, right, operator } = test;
  const text = isNodeEnv(left)
    ? literalText(right)
    : isNodeEnv(right)
      ? literalText(left)
      : undefined;
  if (text === undefined) return undefined;
  const isProduction = text === 'production';
  if (operator === '===' || operator === '==') return isProduction ? 'production' : 'development';
  // `NODE_ENV !== 'development'` holds in production, and elsewhere, too.
  if (operator === '!==' || operator === '!=') return isProduction ? 'development' : 'production';
  return undefined;
}

function opposite(holds: Holds): Holds {
  if (holds === undefined) return undefined;
  return holds === 'production' ? 'development' : 'production';
}

/** Whether a node is `process.env.NODE_ENV`, or a variable that was taken out of `process.env`. */
function isNodeEnv(node: unknown): boolean {
  if (isNodeOfType(node, 'MemberExpression')) return propertyKey(node) === 'NODE_ENV';
  return isIdentifier(node, 'NODE_ENV');
}

function isExit(statement: unknown): boolean {
  if (isNodeOfType(statement, 'BlockStatement')) {
    const { body } = statement;
    return Array.isArray(body) && isExit(body.at(-1));
  }
  return isNodeOfType(statement, 'ReturnStatement') || isNodeOfType(statement, 'ThrowStatement');
}
