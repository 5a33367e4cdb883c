import { parseSync } from 'oxc-parser';
import type { Finding } from './finding.ts';
import { HiddenRequires, hiddenRequireText } from './hidden-require.ts';
import {
  isHandedOver,
  isOwnLocation,
  isStoredUnread,
  namesOwnLocation,
  useOfOwnLocation,
} from './own-location.ts';
import { isNativeLoader, isSuspicious } from './suspicious-text.ts';
import {
  argumentsOf,
  calleeName,
  isIdentifier,
  isNode,
  isNodeOfType,
  isParameter,
  leadingText,
  literalText,
  nameOf,
  walkTree,
  type TreeNode,
} from './syntax-tree.ts';
import { topLevelStatements, type SourceRange, type Statement } from './top-level.ts';

export interface SourceScan {
  readonly findings: ReadonlySet<Finding>;
  /** Relative directories whose modules are loaded through another name of `require`. */
  readonly directories: readonly string[];
  /** Undefined when no syntax tree was made of the text. */
  readonly outline: Outline | undefined;
  /** Paths that are looked for in the working directory; default: none. */
  readonly workingDirectoryPaths?: readonly string[] | undefined;
  /** Whether the code takes the name of an object's class as a value; default: false. */
  readonly usesClassNames?: boolean;
}

/** Positions of the statements and comments in a module's text. */
export interface Outline {
  readonly statements: readonly Statement[];
  readonly comments: readonly SourceRange[];
  /** Length of the text, by which a changed text is recognized. */
  readonly characters: number;
}

/** Larger texts are not parsed: walking the tree of a text of this length takes a second. */
export const maxParsedCharacters = 1024 * 1024;

/** Finds what a source text does that one bundled file cannot reproduce by itself. */
export function scanSource(file: string, source: string): SourceScan {
  if (source.length > maxParsedCharacters) return scanOfLargeSource(source);
  const { program, errors, comments } = parseSync(file, source, { sourceType: 'unambiguous' });
  if (errors.length > 0 && program.body.length === 0) {
    // oxc-parser cannot parse the text, though esbuild could: assume the worst.
    return { findings: new Set<Finding>(['own-directory']), directories: [], outline: undefined };
  }
  const body: readonly unknown[] = program.body;
  const statements = body.filter(isNode);
  const { findings, directories } = findingsIn(statements, source);
  // The list of comments is wrong where the parser skipped a part of the text.
  if (errors.length > 0) return { findings, directories, outline: undefined };
  return {
    findings,
    directories,
    outline: {
      statements: topLevelStatements(statements),
      comments: comments.map(({ start, end }) => ({ start, end })),
      characters: source.length,
    },
  };
}

/**
 * Scans a text that is too large to be parsed. If the text names its own location, it is assumed to
 * read files beside itself, else to load modules by name.
 */
function scanOfLargeSource(source: string): SourceScan {
  const finding = /__dirname|__filename|import\.meta\.(?:url|dirname|filename)/.test(source)
    ? 'own-directory'
    : 'named-modules';
  return { findings: new Set<Finding>([finding]), directories: [], outline: undefined };
}

function findingsIn(
  statements: readonly TreeNode[],
  source: string,
): Pick<SourceScan, 'findings' | 'directories'> {
  const visitor = new FindingVisitor(source);
  const visit = (statement: TreeNode): void =>
    walkTree(statement, (node, ancestors) => visitor.visit(node, ancestors));
  const suspicious = new Set(
    statements.filter(({ start, end }) => {
      const text = source.slice(start, end);
      return isSuspicious(text) || hiddenRequireText.test(text);
    }),
  );
  suspicious.forEach(visit);
  // In the other statements only relative paths matter, and only if the file loads a module by a
  // variable: the paths may then be names of its own modules. So may other names of `require`.
  if (visitor.loadsByVariable || visitor.hasAliases) {
    statements.filter((statement) => !suspicious.has(statement)).forEach(visit);
  }
  return { findings: visitor.findings(), directories: visitor.directories };
}

/** Visits the nodes of one file and collects its findings. */
class FindingVisitor {
  readonly #found = new Set<Finding>();
  readonly #source: string;
  /**
   * Whether a bare `__filename` counts as a use of the file's location, as in `new
   * Worker(__filename)`. Most files only compare `__filename` with a stack trace.
   */
  readonly #usesFileNames: boolean;
  readonly #hiddenRequires = new HiddenRequires();
  #loadsByVariable = false;
  #hasLooseRelativePath = false;

  constructor(source: string) {
    this.#source = source;
    this.#usesFileNames = /\bdirname\(|\bWorker\(|\bfork\(/.test(source);
  }

  /** Whether the nodes visited so far load a module by a variable. */
  get loadsByVariable(): boolean {
    return this.#loadsByVariable;
  }

  /** Relative directories whose modules are loaded through another name of `require`. */
  get directories(): readonly string[] {
    return this.#hiddenRequires.directories;
  }

  /** Whether the nodes visited so far give `require` another name. */
  get hasAliases(): boolean {
    return this.#hiddenRequires.hasAliases;
  }

  findings(): ReadonlySet<Finding> {
    if (this.#loadsByVariable) {
      this.#found.add(this.#hasLooseRelativePath ? 'own-modules' : 'named-modules');
    }
    return this.#found;
  }

  visit(node: TreeNode, ancestors: readonly TreeNode[]): void {
    const parent = ancestors.at(-1);
    const hidden = this.#hiddenRequires.visit(node, ancestors);
    if (hidden !== undefined) this.#found.add(hidden);
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
    // `createRequire(place)` with the place of another file resolves names on behalf of that file.
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
    const use =
      onlyCompared || isStoredUnread(ancestors, this.#source)
        ? undefined
        : useOfOwnLocation(ancestors);
    if (use !== undefined) this.#found.add(use);
  }
}

/**
 * Whether an argument chooses between literals, as in `require(cond ? 'a' : 'b')`: esbuild bundles
 * both modules.
 */
function isChoiceOfLiterals(argument: TreeNode): boolean {
  if (!isNodeOfType(argument, 'ConditionalExpression')) return false;
  return [argument['consequent'], argument['alternate']].every(
    (branch) => isNode(branch) && (literalText(branch) !== undefined || isChoiceOfLiterals(branch)),
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
