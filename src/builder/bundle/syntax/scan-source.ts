import { parseSync } from 'oxc-parser';
import type { Finding } from './finding.ts';
import { isHandedOver, isOwnLocation, namesOwnLocation, useOfOwnLocation } from './own-location.ts';
import { isNativeLoader, isSuspicious } from './suspicious-text.ts';
import {
  argumentsOf,
  calleeName,
  isIdentifier,
  isNode,
  isNodeOfType,
  leadingText,
  literalText,
  nameOf,
  walkTree,
  type TreeNode,
} from './syntax-tree.ts';
import { topLevelStatements, type SourceRange, type Statement } from './top-level.ts';

export interface SourceScan {
  readonly findings: ReadonlySet<Finding>;
  /** Undefined when there was no syntax tree to read it from. */
  readonly outline: Outline | undefined;
}

/** Where things are in a module's text. */
export interface Outline {
  readonly statements: readonly Statement[];
  readonly comments: readonly SourceRange[];
  /** Length of the text. */
  readonly characters: number;
}

/** It takes a second to walk the tree of a text of this length. */
const maxParsedCharacters = 1024 * 1024;

/** Finds what a source text does that one bundled file cannot reproduce by itself. */
export function scanSource(file: string, source: string): SourceScan {
  if (source.length > maxParsedCharacters) return scanOfLargeSource(source);
  const { program, errors, comments } = parseSync(file, source, { sourceType: 'unambiguous' });
  if (errors.length > 0 && program.body.length === 0) {
    // This parser cannot read it, though esbuild can: assume the worst.
    return { findings: new Set<Finding>(['own-directory']), outline: undefined };
  }
  const body: readonly unknown[] = program.body;
  const statements = body.filter(isNode);
  const findings = findingsIn(statements, source);
  // The parser's comments are wrong where its tree has holes.
  if (errors.length > 0) return { findings, outline: undefined };
  return {
    findings,
    outline: {
      statements: topLevelStatements(statements),
      comments: comments.map(({ start, end }) => ({ start, end })),
      characters: source.length,
    },
  };
}

/** So large a text that names its own location reads beside itself. */
function scanOfLargeSource(source: string): SourceScan {
  const finding = /__dirname|__filename|import\.meta\.(?:url|dirname|filename)/.test(source)
    ? 'own-directory'
    : 'named-modules';
  return { findings: new Set<Finding>([finding]), outline: undefined };
}

function findingsIn(statements: readonly TreeNode[], source: string): ReadonlySet<Finding> {
  const visitor = new FindingVisitor(/\bdirname\(|\bWorker\(|\bfork\(/.test(source));
  const visit = (statement: TreeNode): void =>
    walkTree(statement, (node, ancestors) => visitor.visit(node, ancestors));
  const suspicious = new Set(
    statements.filter(({ start, end }) => isSuspicious(source.slice(start, end))),
  );
  suspicious.forEach(visit);
  // In other statements only relative paths matter, and only to a file that loads by a variable.
  if (visitor.loadsByVariable) {
    statements.filter((statement) => !suspicious.has(statement)).forEach(visit);
  }
  return visitor.findings();
}

/** Visits the nodes of one file and gathers its findings. */
class FindingVisitor {
  readonly #found = new Set<Finding>();
  readonly #usesFileNames: boolean;
  #loadsByVariable = false;
  #hasLooseRelativePath = false;

  /**
   * @param usesFileNames Whether the bare name of the file matters to it, as in `new
   *   Worker(__filename)`. Most files only compare it with a stack trace.
   */
  constructor(usesFileNames: boolean) {
    this.#usesFileNames = usesFileNames;
  }

  /** Whether the nodes visited so far load a module by a variable. */
  get loadsByVariable(): boolean {
    return this.#loadsByVariable;
  }

  findings(): ReadonlySet<Finding> {
    if (this.#loadsByVariable) {
      this.#found.add(this.#hasLooseRelativePath ? 'own-modules' : 'named-modules');
    }
    return this.#found;
  }

  visit(node: TreeNode, ancestors: readonly TreeNode[]): void {
    const parent = ancestors.at(-1);
    if (isOwnLocation(node, parent)) {
      this.#ownLocation(node, ancestors);
    } else if (isNodeOfType(node, 'CallExpression')) {
      this.#call(node, ancestors);
    } else if (isNodeOfType(node, 'ImportExpression')) {
      this.#load(node['source'], ancestors);
    } else if (isNodeOfType(node, 'ImportDeclaration')) {
      this.#literalLoad(literalText(node['source']));
    } else if (
      isNodeOfType(node, 'Literal') &&
      isRelative(node['value']) &&
      !isLoadArgument(node, parent)
    ) {
      this.#hasLooseRelativePath = true;
    }
  }

  #call(node: TreeNode, ancestors: readonly TreeNode[]): void {
    const callee = node['callee'];
    const [first] = argumentsOf(node);
    if (isRequireResolve(callee)) {
      this.#found.add(literalText(first) === undefined ? 'own-modules' : 'own-files');
      return;
    }
    // `createRequire(whoever)` looks names up on somebody else's behalf.
    if (calleeName(callee) === 'createRequire' && isNode(first) && !namesOwnLocation(first)) {
      this.#found.add('named-modules');
    }
    if (!isIdentifier(callee, 'require') || isParameter('require', ancestors)) return;
    const literal = literalText(first);
    if (literal === undefined) this.#load(first, ancestors);
    else this.#literalLoad(literal);
  }

  #load(argument: unknown, ancestors: readonly TreeNode[]): void {
    if (!isNode(argument) || literalText(argument) !== undefined || isChoiceOfLiterals(argument)) {
      return;
    }
    if (isParameter('require', ancestors)) return;
    if (isRelative(leadingText(argument))) this.#found.add('own-modules');
    else this.#loadsByVariable = true;
  }

  #literalLoad(specifier: string | undefined): void {
    if (specifier !== undefined && isNativeLoader(specifier)) this.#found.add('native');
  }

  #ownLocation(node: TreeNode, ancestors: readonly TreeNode[]): void {
    const onlyCompared =
      node['name'] === '__filename' &&
      !this.#usesFileNames &&
      !isHandedOver(node, ancestors.at(-1));
    const use = onlyCompared ? undefined : useOfOwnLocation(ancestors);
    if (use !== undefined) this.#found.add(use);
  }
}

/** `require(cond ? 'a' : 'b')`: esbuild reads both. */
function isChoiceOfLiterals(argument: TreeNode): boolean {
  if (!isNodeOfType(argument, 'ConditionalExpression')) return false;
  return [argument['consequent'], argument['alternate']].every(
    (branch) => isNode(branch) && (literalText(branch) !== undefined || isChoiceOfLiterals(branch)),
  );
}

/**
 * Whether a surrounding function has a parameter of this name: a module system of its own inside
 * the file, as Browserify writes it.
 */
function isParameter(name: string, ancestors: readonly TreeNode[]): boolean {
  return ancestors.some(
    (ancestor) =>
      Array.isArray(ancestor['params']) &&
      ancestor['params'].some((parameter) => isIdentifier(parameter, name)),
  );
}

function isLoadArgument(node: TreeNode, parent: TreeNode | undefined): boolean {
  if (parent === undefined) return false;
  if (parent.type === 'CallExpression') {
    return isIdentifier(parent['callee'], 'require') && argumentsOf(parent)[0] === node;
  }
  return parent.type.startsWith('Import') || parent.type.startsWith('Export');
}

function isRequireResolve(callee: unknown): boolean {
  return (
    isNodeOfType(callee, 'MemberExpression') &&
    isIdentifier(callee['object'], 'require') &&
    nameOf(callee['property']) === 'resolve'
  );
}

function isRelative(value: unknown): boolean {
  return typeof value === 'string' && /^\.{1,2}\//.test(value);
}
