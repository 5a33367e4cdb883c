import { isNode, isNodeOfType, nameOf, type TreeNode } from './syntax-tree.ts';

/**
 * Code of a CommonJS module that means something else, or fails, in strict mode, which every ES
 * module has:
 *
 * - `global`: assigns to a name that nothing declares
 * - `this`: uses `this` in a function that is called where it stands, without an object
 * - `callee`: reads `arguments.callee`
 * - `own-name`: assigns to the name of the function expression itself, which has no effect
 * - `parameters`: two parameters have one name
 * - `arguments`: assigns to `arguments` itself
 * - `delete`: deletes a variable, which has no effect, or a name that nothing declares
 */
export interface SloppyUse {
  readonly kind: 'global' | 'this' | 'callee' | 'own-name' | 'parameters' | 'delete' | 'arguments';
  /** The name, the `this`, the expression or the function. */
  readonly node: TreeNode;
  readonly parent: TreeNode;
  /** The nearest function around the node that is no arrow function; undefined outside of all. */
  readonly within: TreeNode | undefined;
  /** Whether something in the module declares the name. */
  readonly isDeclared: boolean;
}

/** Finds the code of a CommonJS module that means something else in strict mode. */
export function sloppyUses(program: unknown): readonly SloppyUse[] {
  if (!isNode(program) || hasUseStrict(program)) return [];
  const walker = new ScopeWalker();
  walker.visitChildren(program);
  return walker.uses();
}

/** A scope of names. */
interface Scope {
  readonly outer: Scope | undefined;
  readonly names: Set<string>;
  /** The function that contains the scope, or the module. */
  readonly body: FunctionBody;
  /** The name of the function expression whose only name this scope has. */
  readonly ownName?: string | undefined;
}

interface FunctionBody {
  /** The function; for an arrow function the one around it. */
  readonly node: TreeNode | undefined;
  /** The scope of parameters and of `var`; set right after the body is made. */
  scope: Scope | undefined;
  /** Whether `this` is the global object: the function is called where it stands. */
  readonly isCalledPlainly: boolean;
}

/** An assignment to a name, or its deletion. */
interface Assignment {
  readonly node: TreeNode;
  readonly parent: TreeNode;
  readonly scope: Scope;
}

/** Names that Node declares around each CommonJS module. */
const moduleNames = ['exports', 'module', 'require', '__filename', '__dirname', 'arguments'];

const blocks = new Set([
  'BlockStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'CatchClause',
]);

/** Walks a syntax tree with the scopes of its names. Strict functions and classes are left out. */
class ScopeWalker {
  readonly #uses: SloppyUse[] = [];
  readonly #assignments: Assignment[] = [];
  readonly #deletions: Assignment[] = [];
  /** The callees of calls without an object. */
  readonly #calledPlainly = new WeakSet<TreeNode>();
  /** Depth of `try` blocks, whose authors expect a failure. */
  #tries = 0;
  #scope: Scope;

  constructor() {
    const body: FunctionBody = { node: undefined, scope: undefined, isCalledPlainly: false };
    this.#scope = { outer: undefined, names: new Set(moduleNames), body };
    body.scope = this.#scope;
  }

  /** Assignments are judged last, because a `var` may follow its first use. */
  uses(): readonly SloppyUse[] {
    for (const { node, parent, scope } of this.#assignments) {
      const name = nameOf(node) ?? '';
      const found = scopeOf(name, scope);
      if (name === 'arguments') {
        this.#add('arguments', node, parent);
      } else if (found === undefined) {
        if (!(name in globalThis)) this.#add('global', node, parent);
      } else if (found.ownName === name) {
        this.#add('own-name', node, parent);
      }
    }
    for (const { node, parent, scope } of this.#deletions) {
      const isDeclared = scopeOf(nameOf(node) ?? '', scope) !== undefined;
      this.#uses.push({ kind: 'delete', node, parent, within: undefined, isDeclared });
    }
    return this.#uses;
  }

  visitChildren(node: TreeNode): void {
    for (const key in node) {
      const child = node[key];
      if (typeof child !== 'object' || child === null) continue;
      if (Array.isArray(child)) {
        for (const one of child) if (isNode(one)) this.#visit(one, node);
      } else if (isNode(child)) {
        this.#visit(child, node);
      }
    }
  }

  #visit(node: TreeNode, parent: TreeNode): void {
    if (/^(?:Arrow)?Function/.test(node.type)) {
      this.#function(node, parent);
    } else if (node.type === 'ClassDeclaration') {
      this.#declare(node['id'], this.#scope);
    } else if (blocks.has(node.type)) {
      this.#block(node, parent);
    } else if (node.type !== 'ClassExpression') {
      this.#expression(node, parent);
      this.visitChildren(node);
    }
  }

  #block(node: TreeNode, parent: TreeNode): void {
    const outer = this.#scope;
    this.#scope = { outer, names: new Set(), body: outer.body };
    this.#declare(node['param'], this.#scope);
    const isTried = parent.type === 'TryStatement' && parent['block'] === node;
    if (isTried) this.#tries += 1;
    if (/^For(?:In|Of)/.test(node.type)) this.#assign(node['left'], node);
    this.visitChildren(node);
    if (isTried) this.#tries -= 1;
    this.#scope = outer;
  }

  #expression(node: TreeNode, parent: TreeNode): void {
    switch (node.type) {
      case 'VariableDeclaration': {
        const scope = node['kind'] === 'var' ? this.#scope.body.scope : undefined;
        for (const one of nodesIn(node['declarations'])) {
          this.#declare(one['id'], scope ?? this.#scope);
        }
        break;
      }
      case 'AssignmentExpression':
        if (node['operator'] === '=') this.#assign(node['left'], node);
        break;
      case 'CallExpression': {
        const callee = withoutParentheses(node['callee']);
        if (callee !== undefined) this.#calledPlainly.add(callee);
        break;
      }
      case 'UnaryExpression': {
        const { argument } = node;
        if (node['operator'] === 'delete' && isNode(argument) && nameOf(argument) !== undefined) {
          this.#deletions.push({ node: argument, parent: node, scope: this.#scope });
        }
        break;
      }
      case 'ThisExpression':
        if (this.#scope.body.isCalledPlainly && !isFallback(parent)) {
          this.#add('this', node, parent);
        }
        break;
      case 'MemberExpression':
        if (
          nameOf(node['object']) === 'arguments' &&
          ['callee', 'caller'].includes(nameOf(node['property']) ?? '')
        ) {
          this.#add('callee', node, parent);
        }
        break;
    }
  }

  #function(node: TreeNode, parent: TreeNode): void {
    const before = this.#scope;
    const isArrow = node.type === 'ArrowFunctionExpression';
    if (node.type === 'FunctionDeclaration') {
      // Outside strict mode, a function in a block is also a variable of the surrounding function.
      this.#declare(node['id'], before);
      this.#declare(node['id'], before.body.scope ?? before);
    }
    if (hasUseStrict(node['body'])) return;
    const ownName = node.type === 'FunctionExpression' ? nameOf(node['id']) : undefined;
    const outer =
      ownName === undefined
        ? before
        : { outer: before, names: new Set([ownName]), body: before.body, ownName };
    const body: FunctionBody = {
      node: isArrow ? before.body.node : node,
      scope: undefined,
      isCalledPlainly: isArrow ? before.body.isCalledPlainly : this.#calledPlainly.has(node),
    };
    this.#scope = { outer, names: new Set(isArrow ? [] : ['arguments']), body };
    body.scope = this.#scope;
    const parameters = nodesIn(node['params']);
    const names = parameters.map(nameOf).filter((name) => name !== undefined);
    if (new Set(names).size < names.length) {
      this.#add('parameters', node, parent);
    }
    for (const parameter of parameters) this.#declare(parameter, this.#scope);
    this.visitChildren(node);
    this.#scope = before;
  }

  #add(kind: SloppyUse['kind'], node: TreeNode, parent: TreeNode): void {
    const within = this.#scope.body.node;
    this.#uses.push({ kind, node, parent, within, isDeclared: kind !== 'global' });
  }

  #assign(target: unknown, parent: TreeNode): void {
    if (!isNode(target) || target.type === 'VariableDeclaration' || this.#tries > 0) return;
    for (const node of targetsIn(target)) {
      this.#assignments.push({ node, parent, scope: this.#scope });
    }
  }

  #declare(pattern: unknown, scope: Scope): void {
    if (!isNode(pattern)) return;
    for (const node of targetsIn(pattern)) scope.names.add(nameOf(node) ?? '');
  }
}

/**
 * Whether an expression around `this` has another value for the case that `this` is undefined, as
 * `typeof self !== 'undefined' ? self : this` and `this || globalThis` have it.
 */
function isFallback({ type }: TreeNode): boolean {
  return /^(?:Logical|Unary|Binary|Conditional)Expression$|^(?:If|Return)Statement$/.test(type);
}

function withoutParentheses(node: unknown): TreeNode | undefined {
  let inner = node;
  while (isNodeOfType(inner, 'ParenthesizedExpression')) inner = inner['expression'];
  return isNode(inner) ? inner : undefined;
}

function scopeOf(name: string, scope: Scope): Scope | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (at.names.has(name)) return at;
  }
  return undefined;
}

/** Returns the identifiers to which a pattern assigns. */
function targetsIn(pattern: TreeNode): readonly TreeNode[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern];
    case 'ObjectPattern':
      return nodesIn(pattern['properties']).flatMap(targetsIn);
    case 'ArrayPattern':
      return nodesIn(pattern['elements']).flatMap(targetsIn);
    case 'Property':
      return nodesIn([pattern['value']]).flatMap(targetsIn);
    case 'AssignmentPattern':
      return nodesIn([pattern['left']]).flatMap(targetsIn);
    case 'RestElement':
      return nodesIn([pattern['argument']]).flatMap(targetsIn);
    default:
      return [];
  }
}

function hasUseStrict(body: unknown): boolean {
  return isNode(body) && nodesIn(body['body']).some((one) => one['directive'] === 'use strict');
}

function nodesIn(value: unknown): readonly TreeNode[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}
