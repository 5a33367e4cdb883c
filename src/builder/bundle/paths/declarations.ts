import {
  argumentsOf,
  isNode,
  isNodeOfType,
  nameOf,
  propertyKey,
  type TreeNode,
} from '../syntax/syntax-tree.ts';
import type { SourceRange } from '../syntax/top-level.ts';

/** Where a name gets its value from. */
export type Origin =
  | { readonly kind: 'value'; readonly node: TreeNode }
  /** `const { a: { name } } = node` */
  | { readonly kind: 'property'; readonly node: TreeNode; readonly names: readonly string[] }
  /** `for (const name of node)` */
  | { readonly kind: 'item'; readonly node: TreeNode }
  | { readonly kind: 'import'; readonly specifier: string; readonly imported: string }
  /** A parameter that may be left out has a value of its own. */
  | { readonly kind: 'parameter'; readonly fallback: TreeNode | undefined };

/** A name that a module declares, where the name holds, and the values that it is given. */
export interface Declaration {
  readonly name: string;
  readonly scope: SourceRange;
  readonly origins: readonly Origin[];
}

interface GrowingDeclaration extends Declaration {
  readonly origins: Origin[];
}

/** The declared names of one module. */
export class Declarations {
  readonly #byName = new Map<string, GrowingDeclaration[]>();
  readonly #assignments: { readonly name: string; readonly node: TreeNode }[] = [];

  /** Returns the declaration that a name at a position of the text means. */
  find(name: string, position: number): Declaration | undefined {
    return this.#find(name, position);
  }

  visit(node: TreeNode, ancestors: readonly TreeNode[]): void {
    switch (node.type) {
      case 'VariableDeclarator':
        this.#variable(node, ancestors);
        break;
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        this.#add(nameOf(node['id']), scopeAround(ancestors, false), { kind: 'value', node });
        break;
      case 'ImportDeclaration':
        this.#imports(node);
        break;
      case 'TSImportEqualsDeclaration':
        this.#importEquals(node, ancestors);
        break;
      case 'CatchClause':
        this.#pattern(node['param'], node, undefined, []);
        break;
      case 'AssignmentExpression': {
        const name = nameOf(node['left']);
        const { right } = node;
        if (name !== undefined && isNode(right)) this.#assignments.push({ name, node: right });
        break;
      }
    }
    if (Array.isArray(node['params'])) this.#parameters(node, node['params']);
  }

  /**
   * Gives the declared names the values that are assigned to them, and parameters the values that
   * calls in the module pass; to be called after the walk.
   */
  finish(calls: readonly TreeNode[]): void {
    for (const { name, node } of this.#assignments) {
      this.#find(name, node.start)?.origins.push({ kind: 'value', node });
    }
    for (const call of calls) this.#pass(call);
  }

  #pass(call: TreeNode): void {
    const name = nameOf(call['callee']);
    const [origin] = name === undefined ? [] : (this.#find(name, call.start)?.origins ?? []);
    if (origin?.kind !== 'value' || !Array.isArray(origin.node['params'])) return;
    for (const [index, parameter] of origin.node['params'].entries()) {
      const isOptional = isNodeOfType(parameter, 'AssignmentPattern');
      const own: unknown = isOptional ? parameter['left'] : parameter;
      const passed = argumentsOf(call)[index];
      if (!isNode(passed) || passed.type === 'SpreadElement') continue;
      for (const { name: one, names } of namesInParameter(own)) {
        this.#find(one, origin.node.start)?.origins.push(originIn(passed, names));
      }
    }
  }

  #find(name: string, position: number): GrowingDeclaration | undefined {
    let innermost: GrowingDeclaration | undefined;
    for (const one of this.#byName.get(name) ?? []) {
      const { start, end } = one.scope;
      if (start > position || end < position) continue;
      if (innermost === undefined || end - start < innermost.scope.end - innermost.scope.start) {
        innermost = one;
      }
    }
    return innermost;
  }

  #add(name: string | undefined, scope: SourceRange, origin: Origin | undefined): void {
    if (name === undefined) return;
    const known = this.#byName.get(name) ?? [];
    this.#byName.set(name, known);
    let declaration = known.find(
      (one) => one.scope.start === scope.start && one.scope.end === scope.end,
    );
    if (declaration === undefined) {
      declaration = { name, scope, origins: [] };
      known.push(declaration);
    }
    if (origin !== undefined) declaration.origins.push(origin);
  }

  #variable(node: TreeNode, ancestors: readonly TreeNode[]): void {
    const { id, init } = node;
    const statement = ancestors.at(-1);
    const loop = ancestors.at(-2);
    const scope = scopeAround(ancestors, statement?.['kind'] === 'var');
    if (isNodeOfType(loop, 'ForOfStatement') && loop['left'] === statement) {
      const { right } = loop;
      const origin: Origin | undefined = isNode(right) ? { kind: 'item', node: right } : undefined;
      this.#add(nameOf(id), scope, origin);
      return;
    }
    this.#pattern(id, scope, isNode(init) ? init : undefined, []);
  }

  /** Declares the names of a pattern, which take their values from the properties of `source`. */
  #pattern(
    pattern: unknown,
    scope: SourceRange,
    source: TreeNode | undefined,
    names: readonly string[],
  ): void {
    if (isNodeOfType(pattern, 'Identifier')) {
      this.#add(nameOf(pattern), scope, source && originIn(source, names));
    } else if (isNodeOfType(pattern, 'AssignmentPattern')) {
      this.#pattern(pattern['left'], scope, source, names);
      const fallback = pattern['right'];
      if (isNode(fallback)) {
        const origin: Origin =
          source === undefined
            ? { kind: 'parameter', fallback }
            : { kind: 'value', node: fallback };
        this.#add(nameOf(pattern['left']), scope, origin);
      }
    } else if (isNodeOfType(pattern, 'ObjectPattern') && Array.isArray(pattern['properties'])) {
      for (const property of pattern['properties']) {
        if (!isNodeOfType(property, 'Property')) continue;
        const key = propertyKey(property);
        const known = key === undefined ? undefined : source;
        this.#pattern(property['value'], scope, known, [...names, key ?? '']);
      }
    } else if (isNodeOfType(pattern, 'ArrayPattern') && Array.isArray(pattern['elements'])) {
      for (const element of pattern['elements']) this.#pattern(element, scope, undefined, []);
    }
  }

  #parameters(callable: TreeNode, parameters: readonly unknown[]): void {
    for (const parameter of parameters) {
      const isOptional = isNodeOfType(parameter, 'AssignmentPattern');
      const name = nameOf(isOptional ? parameter['left'] : parameter);
      if (isNodeOfType(parameter, 'RestElement')) {
        this.#add(nameOf(parameter['argument']), callable, undefined);
      } else if (name === undefined) {
        this.#pattern(parameter, callable, undefined, []);
        const own: unknown = isOptional ? parameter['left'] : parameter;
        for (const { name: one } of namesInParameter(own)) {
          this.#add(one, callable, { kind: 'parameter', fallback: undefined });
        }
      } else {
        const fallback = isOptional && isNode(parameter['right']) ? parameter['right'] : undefined;
        this.#add(name, callable, { kind: 'parameter', fallback });
      }
    }
  }

  #imports(node: TreeNode): void {
    const specifier = isNode(node['source']) ? node['source']['value'] : undefined;
    if (typeof specifier !== 'string' || !Array.isArray(node['specifiers'])) return;
    for (const one of node['specifiers']) {
      if (!isNode(one)) continue;
      const imported = importedName(one);
      this.#add(nameOf(one['local']), wholeFile, { kind: 'import', specifier, imported });
    }
  }

  /** `import x = require('y')` */
  #importEquals(node: TreeNode, ancestors: readonly TreeNode[]): void {
    const reference = node['moduleReference'];
    if (!isNode(reference) || !isNode(reference['expression'])) return;
    const specifier = reference['expression']['value'];
    if (typeof specifier !== 'string') return;
    const origin: Origin = { kind: 'import', specifier, imported: '*' };
    this.#add(nameOf(node['id']), scopeAround(ancestors, false), origin);
  }
}

/** The names that a parameter declares, each with the property of the argument that it gets. */
function namesInParameter(
  parameter: unknown,
): readonly { readonly name: string; readonly names: readonly string[] }[] {
  const name = nameOf(parameter);
  if (name !== undefined) return [{ name, names: [] }];
  const properties = isNodeOfType(parameter, 'ObjectPattern') ? parameter['properties'] : undefined;
  if (!Array.isArray(properties)) return [];
  return properties.flatMap((property) => {
    if (!isNodeOfType(property, 'Property')) return [];
    const { value } = property;
    const own = nameOf(isNodeOfType(value, 'AssignmentPattern') ? value['left'] : value);
    const key = propertyKey(property);
    return own === undefined || key === undefined ? [] : [{ name: own, names: [key] }];
  });
}

const wholeFile: SourceRange = { start: 0, end: Number.POSITIVE_INFINITY };

function originIn(node: TreeNode, names: readonly string[]): Origin {
  return names.length === 0 ? { kind: 'value', node } : { kind: 'property', node, names };
}

function importedName(specifier: TreeNode): string {
  switch (specifier.type) {
    case 'ImportDefaultSpecifier':
      return 'default';
    case 'ImportNamespaceSpecifier':
      return '*';
    default:
      return exportedName(specifier['imported']) ?? '*';
  }
}

/** The name in an import or export specifier, which may be written as a string. */
export function exportedName(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  const text = node['name'] ?? node['value'];
  return typeof text === 'string' ? text : undefined;
}

/** The range in which a declaration below these ancestors holds. */
function scopeAround(ancestors: readonly TreeNode[], isVar: boolean): SourceRange {
  const isScope = isVar
    ? (node: TreeNode) => Array.isArray(node['params']) || node.type === 'StaticBlock'
    : (node: TreeNode) =>
        Array.isArray(node['params']) ||
        /^(?:BlockStatement|StaticBlock|SwitchStatement|For(?:Of|In)?Statement)$/.test(node.type);
  return ancestors.findLast(isScope) ?? wholeFile;
}
