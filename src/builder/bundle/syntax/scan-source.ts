import { readFileSync, statSync } from 'node:fs';
import { parseSync } from 'oxc-parser';
import { isNode, isNodeOfType, literalText, walkTree, type TreeNode } from './syntax-tree.ts';
import { topLevelStatements, type Span, type Statement } from './top-level.ts';

/**
 * What a file does that one bundled file cannot reproduce by itself:
 *
 * - `own-files`: reads beside itself by a path with a literal in it (`join(__dirname, 'data.bin')`)
 * - `own-directory`: hands its own location around, so any file of its package may be meant
 * - `own-modules`: loads modules of its own package by a computed path (`require('./dialects/' +
 *   name)`)
 * - `native`: loads an addon through one of the loaders that look for it beside the caller
 * - `named-modules`: loads modules whose whole name is only known at run time; fine in one file if
 *   they are in the artifact
 */
export type Finding = 'own-files' | 'own-directory' | 'own-modules' | 'native' | 'named-modules';

interface Scan {
  readonly findings: ReadonlySet<Finding>;
  /** Undefined when there was no syntax tree to read it from. */
  readonly outline?: Outline;
}

/** Where things are in a module's text. */
export interface Outline {
  readonly statements: readonly Statement[];
  readonly comments: readonly Span[];
  /** Length of the text. */
  readonly characters: number;
}

interface CachedScan extends Scan {
  readonly mtimeMs: number;
  readonly size: number;
}

const cache = new Map<string, CachedScan>();
/** Found in the cache and looked up on disk since the last `forgetScans`. */
const checked = new Set<string>();
const emptyScan: Scan = { findings: new Set() };

/** Looks again whether the scanned files changed: each build of a long-lived process starts with it. */
export function forgetScans(): void {
  checked.clear();
}

/**
 * Scans one JavaScript file. The text decides first; few files are worth a syntax tree. Results are
 * kept while the file does not change.
 */
export function scanFile(file: string): ReadonlySet<Finding> {
  return scan(file).findings;
}

/**
 * The outline of a module whose text made a syntax tree worth it; undefined for others, and when
 * this is not the text that was scanned.
 */
export function scannedOutline(file: string, source: string): Outline | undefined {
  const { outline } = scan(file);
  return outline?.characters === source.length ? outline : undefined;
}

function scan(file: string): Scan {
  if (!/\.[cm]?[jt]sx?$/.test(file)) return emptyScan;
  const cached = cache.get(file);
  if (cached !== undefined && checked.has(file)) return cached;
  const { mtimeMs, size } = statSync(file);
  checked.add(file);
  if (cached !== undefined && cached.mtimeMs === mtimeMs && cached.size === size) return cached;
  const bytes = readFileSync(file);
  const fresh = {
    mtimeMs,
    size,
    ...(isSuspicious(bytes.toString('latin1')) ? scanText(file, bytes.toString()) : emptyScan),
  };
  cache.set(file, fresh);
  return fresh;
}

const loaderNames = [
  'bindings',
  'node-gyp-build',
  'node-gyp-build-optional-packages',
  '@mapbox/node-pre-gyp',
  'node-pre-gyp',
  'pkg-prebuilds',
];
const ownPlace = new RegExp(
  String.raw`__(?:dir|file)name|import\.meta\.(?:url|dirname|filename|resolve)|require\.resolve|createRequire|["'](?:${loaderNames.join('|')})["']`,
);
/**
 * A call whose argument is not one whole string literal, nothing, or the dots of a message about
 * imports. `_require(` and `loader.import(` are other functions.
 */
const computedCall =
  /(?<![\w$.])(?:require|import)\((?!\s*(?:(?:"[^"\n]*"|'[^'\n]*')?\s*[),]|\.{3}))/;
const maxParsedCharacters = 1024 * 1024;

/**
 * Whether a text may do more than import by literal names. Cheap and never wrong in the other
 * direction. The bytes are read as Latin-1, which is a copy and no decoding: what is looked for is
 * ASCII.
 */
export function isSuspicious(latin1: string): boolean {
  return ownPlace.test(latin1) || computedCall.test(latin1);
}

/** Exported for tests: the findings in a source text. */
export function scanSource(file: string, source: string): ReadonlySet<Finding> {
  return scanText(file, source).findings;
}

function scanText(file: string, source: string): Scan {
  // A tree of that size takes a second to walk; and what is that large and names its own location, reads beside itself.
  if (source.length > maxParsedCharacters) {
    return {
      findings: new Set<Finding>([
        /__dirname|__filename|import\.meta\.(?:url|dirname|filename)/.test(source)
          ? 'own-directory'
          : 'named-modules',
      ]),
    };
  }
  const { program, errors, comments } = parseSync(file, source, { sourceType: 'unambiguous' });
  // Not readable by this parser, yet by esbuild: assume the worst.
  if (errors.length > 0 && program.body.length === 0) {
    return { findings: new Set<Finding>(['own-directory']) };
  }
  const visitor = new SourceScan(/\bdirname\(|\bWorker\(|\bfork\(/.test(source));
  const visit = (statement: TreeNode): void =>
    walkTree(statement, (node, ancestors) => visitor.visit(node, ancestors));
  const body: readonly unknown[] = program.body;
  const statements = body.filter(isNode);
  const suspicious = new Set(
    statements.filter(({ start, end }) => isSuspicious(source.slice(start, end))),
  );
  suspicious.forEach(visit);
  // Of the others only their relative paths count, and those only beside a load by a variable.
  if (visitor.loadsByVariable) {
    statements.filter((statement) => !suspicious.has(statement)).forEach(visit);
  }
  const outline = {
    statements: topLevelStatements(statements),
    comments: comments.map(({ start, end }) => ({ start, end })),
    characters: source.length,
  };
  // A tree with holes in it has its comments anywhere.
  return { findings: visitor.findings(), ...(errors.length > 0 ? {} : { outline }) };
}

/** Function calls whose result is only one more name for the file's own location. */
const pathCalls = new Set(['join', 'resolve', 'URL', 'pathResolve', 'pathJoin']);
const nativeLoaders = new Set(loaderNames);

class SourceScan {
  readonly #found = new Set<Finding>();
  #loadsByVariable = false;
  #hasLooseRelativePath = false;
  readonly #usesFileNames: boolean;

  /**
   * `usesFileNames`: the file does something by which its bare name matters (`new
   * Worker(__filename)`); most only compare it with a stack trace.
   */
  constructor(usesFileNames: boolean) {
    this.#usesFileNames = usesFileNames;
  }

  /** Of what was visited so far. */
  get loadsByVariable(): boolean {
    return this.#loadsByVariable;
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
      this.#nativeLoader(literalText(node['source']));
    } else if (
      isNodeOfType(node, 'Literal') &&
      isRelative(node['value']) &&
      !isLoadArgument(node, parent)
    ) {
      this.#hasLooseRelativePath = true;
    }
  }

  findings(): ReadonlySet<Finding> {
    if (this.#loadsByVariable) {
      this.#found.add(this.#hasLooseRelativePath ? 'own-modules' : 'named-modules');
    }
    return this.#found;
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
    else this.#nativeLoader(literal);
  }

  #load(argument: unknown, ancestors: readonly TreeNode[]): void {
    if (!isNode(argument) || literalText(argument) !== undefined || isLoadOfLiterals(argument)) {
      return;
    }
    if (isParameter('require', ancestors)) return;
    if (isRelative(leadingText(argument))) this.#found.add('own-modules');
    else this.#loadsByVariable = true;
  }

  #nativeLoader(specifier: string | undefined): void {
    if (specifier !== undefined && nativeLoaders.has(specifier)) this.#found.add('native');
  }

  #ownLocation(node: TreeNode, ancestors: readonly TreeNode[]): void {
    if (
      node['name'] === '__filename' &&
      !this.#usesFileNames &&
      !isHandedOver(node, ancestors.at(-1))
    ) {
      return;
    }
    const use = useOf(ancestors);
    if (use !== undefined) this.#found.add(use);
  }
}

/**
 * `__dirname`, `__filename`, `import.meta.url`, `import.meta.dirname`, `import.meta.filename`, as a
 * value.
 */
function isOwnLocation(node: TreeNode, parent: TreeNode | undefined): boolean {
  if (
    isNodeOfType(node, 'Identifier') &&
    (node['name'] === '__dirname' || node['name'] === '__filename')
  ) {
    if (parent === undefined || isPropertyName(node, parent)) return false;
    return !(isNodeOfType(parent, 'UnaryExpression') && parent['operator'] === 'typeof');
  }
  return (
    isNodeOfType(node, 'MemberExpression') &&
    isNodeOfType(node['object'], 'MetaProperty') &&
    ['url', 'dirname', 'filename', 'resolve'].includes(nameOf(node['property']) ?? '')
  );
}

/** How far the file's own location gets from here; undefined when it is harmless. */
function useOf(ancestors: readonly TreeNode[]): Finding | undefined {
  for (const outer of ancestors.toReversed()) {
    if (isNodeOfType(outer, 'CallExpression') || isNodeOfType(outer, 'NewExpression')) {
      const name = calleeName(outer['callee']);
      if (name === 'createRequire' || name === 'createRequireFromPath') return 'own-files';
      if (name !== undefined && pathCalls.has(name)) {
        return argumentsOf(outer).some((argument) => literalText(argument) !== undefined)
          ? 'own-files'
          : 'own-directory';
      }
      if (
        name !== 'dirname' &&
        name !== 'fileURLToPath' &&
        name !== 'toString' &&
        name !== 'normalize'
      ) {
        return 'own-directory';
      }
    } else if (isNodeOfType(outer, 'BinaryExpression') || isNodeOfType(outer, 'TemplateLiteral')) {
      return 'own-files';
    } else if (isNodeOfType(outer, 'VariableDeclarator')) {
      // `const __dirname = dirname(fileURLToPath(import.meta.url))`: the uses of that name are looked at by themselves.
      const name = nameOf(outer['id']);
      return name === '__dirname' || name === '__filename' ? undefined : 'own-directory';
    } else if (
      !isNodeOfType(outer, 'MemberExpression') &&
      !isNodeOfType(outer, 'ParenthesizedExpression')
    ) {
      return 'own-directory';
    }
  }
  return 'own-directory';
}

const comparisons = new Set(['includes', 'indexOf', 'startsWith', 'endsWith', 'replace']);

function isHandedOver(node: TreeNode, parent: TreeNode | undefined): boolean {
  return (
    parent !== undefined &&
    argumentsOf(parent).includes(node) &&
    !comparisons.has(calleeName(parent['callee']) ?? '')
  );
}

function namesOwnLocation(node: TreeNode): boolean {
  let found = false;
  walkTree(node, (inner) => {
    found ||=
      isNodeOfType(inner, 'MetaProperty') ||
      isIdentifier(inner, '__filename') ||
      isIdentifier(inner, '__dirname');
  });
  return found;
}

/** `require(cond ? 'a' : 'b')`: esbuild reads both. */
function isLoadOfLiterals(argument: TreeNode): boolean {
  if (isNodeOfType(argument, 'ConditionalExpression')) {
    return [argument['consequent'], argument['alternate']].every(
      (branch) => isNode(branch) && (literalText(branch) !== undefined || isLoadOfLiterals(branch)),
    );
  }
  return false;
}

function leadingText(node: unknown): string | undefined {
  if (isNodeOfType(node, 'BinaryExpression')) return leadingText(node['left']);
  if (isNodeOfType(node, 'TemplateLiteral') && Array.isArray(node['quasis'])) {
    const first: unknown = node['quasis'][0];
    const value = isNode(first) ? first['value'] : undefined;
    return typeof value === 'object' &&
      value !== null &&
      'cooked' in value &&
      typeof value.cooked === 'string'
      ? value.cooked
      : undefined;
  }
  return literalText(node);
}

/**
 * A function around us takes it as a parameter: a module system of its own, as Browserify's, inside
 * the file.
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

function isPropertyName(node: TreeNode, parent: TreeNode): boolean {
  if (isNodeOfType(parent, 'MemberExpression')) {
    return parent['property'] === node && parent['computed'] !== true;
  }
  if (isNodeOfType(parent, 'Property')) {
    return parent['key'] === node && parent['computed'] !== true && parent['value'] !== node;
  }
  if (isNodeOfType(parent, 'VariableDeclarator')) return parent['id'] === node;
  return false;
}

function calleeName(callee: unknown): string | undefined {
  return isNodeOfType(callee, 'MemberExpression') ? nameOf(callee['property']) : nameOf(callee);
}

function nameOf(node: unknown): string | undefined {
  return isNodeOfType(node, 'Identifier') && typeof node['name'] === 'string'
    ? node['name']
    : undefined;
}

function isIdentifier(node: unknown, name: string): boolean {
  return nameOf(node) === name;
}

function argumentsOf(node: TreeNode): readonly unknown[] {
  return Array.isArray(node['arguments']) ? node['arguments'] : [];
}
