import { parseSync } from 'oxc-parser';
import {
  argumentsOf,
  isIdentifier,
  isNode,
  isNodeOfType,
  nameOf,
  propertyKey,
  walkTree,
  type TreeNode,
} from '../syntax/syntax-tree.ts';
import { Declarations } from './declarations.ts';
import { isExportTarget, ModuleExports } from './module-exports.ts';

/** What becomes of the value of an expression. */
export type Position =
  | { readonly kind: 'argument'; readonly call: TreeNode; readonly index: number }
  | { readonly kind: 'property'; readonly key: string | undefined }
  /** A field, a return value or an export: other code uses the value. */
  | { readonly kind: 'result' }
  /** An item of an array, an attribute or a default; with what gets the array: a call or a key. */
  | { readonly kind: 'item'; readonly call?: TreeNode; readonly key?: string }
  /** The value of a variable, whose uses have positions of their own. */
  | { readonly kind: 'variable' };

export interface PlacedExpression {
  readonly node: TreeNode;
  readonly position: Position;
}

/** What one walk over the syntax tree of a module collects. */
export interface ModuleOutline {
  readonly file: string;
  readonly source: string;
  readonly declarations: Declarations;
  readonly exports: ModuleExports;
  /** Values of class fields and of `this.name = value`, and getters: name → nodes. */
  readonly fields: ReadonlyMap<string, readonly TreeNode[]>;
  /** Expressions whose value may be a path. */
  readonly expressions: readonly PlacedExpression[];
  readonly calls: readonly TreeNode[];
  /** `import(…)` */
  readonly importExpressions: readonly TreeNode[];
  /** The loads in `try` blocks, which may find nothing. */
  readonly guarded: ReadonlySet<TreeNode>;
  /** Literals and pieces of templates, each with its parent. */
  readonly literals: readonly WithParent[];
  readonly metaProperties: readonly WithParent[];
  /** Uses of `__dirname` and `__filename`. */
  readonly locationNames: readonly WithParent[];
  /** Position of the first statement that is not a directive. */
  readonly firstStatement: number;
}

export interface WithParent {
  readonly node: TreeNode;
  readonly parent: TreeNode | undefined;
}

/** Parses a module and collects what its paths can be evaluated from. */
export function outlineOf(file: string, source: string): ModuleOutline {
  const { program } = parseSync(file, source, { sourceType: 'unambiguous' });
  const collector = new OutlineCollector();
  walkTree(program, (node, ancestors) => collector.visit(node, ancestors));
  collector.declarations.finish(collector.collected().calls);
  const body: readonly unknown[] = program.body;
  const first = body.filter(isNode).find((statement) => statement['directive'] === undefined);
  return { file, source, firstStatement: first?.start ?? 0, ...collector.collected() };
}

class OutlineCollector {
  readonly declarations = new Declarations();
  readonly #exports = new ModuleExports();
  readonly #fields = new Map<string, TreeNode[]>();
  readonly #expressions: PlacedExpression[] = [];
  readonly #calls: TreeNode[] = [];
  readonly #importExpressions: TreeNode[] = [];
  readonly #guarded = new Set<TreeNode>();
  readonly #literals: WithParent[] = [];
  readonly #metaProperties: WithParent[] = [];
  readonly #locationNames: WithParent[] = [];

  collected(): Omit<ModuleOutline, 'file' | 'source' | 'firstStatement'> {
    return {
      declarations: this.declarations,
      exports: this.#exports,
      fields: this.#fields,
      expressions: this.#expressions,
      calls: this.#calls,
      importExpressions: this.#importExpressions,
      guarded: this.#guarded,
      literals: this.#literals,
      metaProperties: this.#metaProperties,
      locationNames: this.#locationNames,
    };
  }

  visit(node: TreeNode, ancestors: readonly TreeNode[]): void {
    const parent = ancestors.at(-1);
    this.declarations.visit(node, ancestors);
    this.#exports.visit(node);
    this.#collect(node, parent);
    const isLoad = node.type === 'ImportExpression' || isIdentifier(node['callee'], 'require');
    if (isLoad && isGuarded(ancestors)) this.#guarded.add(node);
    this.#place(node, ancestors);
  }

  #collect(node: TreeNode, parent: TreeNode | undefined): void {
    switch (node.type) {
      case 'CallExpression':
      case 'NewExpression':
        this.#calls.push(node);
        break;
      case 'ImportExpression':
        this.#importExpressions.push(node);
        break;
      case 'Literal':
      case 'TemplateElement':
        this.#literals.push({ node, parent });
        break;
      case 'MetaProperty':
        this.#metaProperties.push({ node, parent });
        break;
      case 'Identifier':
        if (node['name'] === '__dirname' || node['name'] === '__filename') {
          this.#locationNames.push({ node, parent });
        }
        break;
      case 'PropertyDefinition':
        this.#field(propertyKey(node), node['value']);
        break;
      case 'MethodDefinition':
        this.#field(propertyKey(node), node['value']);
        break;
    }
  }

  #field(name: string | undefined, value: unknown): void {
    if (name === undefined || !isNode(value)) return;
    const known = this.#fields.get(name);
    if (known === undefined) this.#fields.set(name, [value]);
    else known.push(value);
  }

  /** Notes the expressions below a node whose values may be paths, with what becomes of them. */
  #place(node: TreeNode, ancestors: readonly TreeNode[]): void {
    switch (node.type) {
      case 'CallExpression':
      case 'NewExpression':
        for (const [index, argument] of argumentsOf(node).entries()) {
          this.#note(argument, { kind: 'argument', call: node, index });
        }
        break;
      case 'Property':
        if (ancestors.at(-1)?.type !== 'ObjectPattern') {
          this.#note(node['value'], { kind: 'property', key: propertyKey(node) });
        }
        break;
      case 'VariableDeclarator':
        this.#note(node['init'], {
          kind: isExported(ancestors) ? 'result' : 'variable',
        });
        break;
      case 'AssignmentExpression':
        this.#assignment(node);
        break;
      case 'ReturnStatement':
        this.#note(node['argument'], { kind: 'result' });
        break;
      case 'ArrowFunctionExpression':
        this.#note(node['body'], { kind: 'result' });
        break;
      case 'PropertyDefinition':
        this.#note(node['value'], { kind: 'result' });
        break;
      case 'ExportDefaultDeclaration':
        this.#note(node['declaration'], { kind: 'result' });
        break;
      case 'AssignmentPattern':
        this.#note(node['right'], { kind: 'item' });
        break;
      case 'ArrayExpression':
        this.#items(node, ancestors.at(-1));
        break;
      case 'JSXAttribute':
        this.#note(node['value'], { kind: 'item' });
        break;
    }
  }

  #items({ elements }: TreeNode, parent: TreeNode | undefined): void {
    if (!Array.isArray(elements)) return;
    const position = positionOfItems(parent);
    for (const element of elements) this.#note(element, position);
  }

  #assignment(node: TreeNode): void {
    const { left, right } = node;
    if (nameOf(left) !== undefined) {
      this.#note(right, { kind: 'variable' });
      return;
    }
    if (!isNodeOfType(left, 'MemberExpression')) return;
    if (isNodeOfType(left['object'], 'ThisExpression')) this.#field(propertyKey(left), right);
    this.#note(right, isExportTarget(left) ? { kind: 'result' } : property(left));
  }

  #note(node: unknown, position: Position): void {
    if (isNode(node) && mayBePath(node)) this.#expressions.push({ node, position });
  }
}

function positionOfItems(parent: TreeNode | undefined): Position {
  if (isNodeOfType(parent, 'CallExpression') || isNodeOfType(parent, 'NewExpression')) {
    return { kind: 'item', call: parent };
  }
  const key = isNodeOfType(parent, 'Property') ? propertyKey(parent) : undefined;
  return key === undefined ? { kind: 'item' } : { kind: 'item', key };
}

function isGuarded(ancestors: readonly TreeNode[]): boolean {
  return ancestors.some(
    (ancestor, index) =>
      ancestor.type === 'TryStatement' && ancestor['block'] === ancestors[index + 1],
  );
}

function property(target: TreeNode): Position {
  return { kind: 'property', key: propertyKey(target) };
}

function isExported(ancestors: readonly TreeNode[]): boolean {
  return ancestors.at(-2)?.type === 'ExportNamedDeclaration';
}

const pathExpressions = new Set([
  'TemplateLiteral',
  'BinaryExpression',
  'Identifier',
  'MemberExpression',
  'CallExpression',
  'NewExpression',
  'ConditionalExpression',
  'LogicalExpression',
  'AwaitExpression',
  'ParenthesizedExpression',
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'TSNonNullExpression',
  'ChainExpression',
  'AssignmentExpression',
  'JSXExpressionContainer',
]);

function mayBePath(node: TreeNode): boolean {
  return node.type === 'Literal'
    ? typeof node['value'] === 'string'
    : pathExpressions.has(node.type);
}
