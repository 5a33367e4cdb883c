import {
  isIdentifier,
  isNode,
  isNodeOfType,
  nameOf,
  propertyKey,
  type TreeNode,
} from '../syntax/syntax-tree.ts';
import { exportedName } from './declarations.ts';

/** Where an export gets its value from. */
export type ExportOrigin =
  | { readonly kind: 'value'; readonly node: TreeNode }
  | { readonly kind: 'local'; readonly name: string }
  | { readonly kind: 'import'; readonly specifier: string; readonly imported: string };

/** The exports of one module, in either module system. `module.exports` counts as the default. */
export class ModuleExports {
  readonly #named = new Map<string, ExportOrigin>();
  /** Specifiers of `export * from`. */
  readonly #all: string[] = [];

  get(name: string): ExportOrigin | undefined {
    return this.#named.get(name);
  }

  get all(): readonly string[] {
    return this.#all;
  }

  visit(node: TreeNode): void {
    switch (node.type) {
      case 'ExportNamedDeclaration':
        this.#statement(node);
        break;
      case 'ExportDefaultDeclaration': {
        const { declaration } = node;
        if (isNode(declaration)) this.#named.set('default', { kind: 'value', node: declaration });
        break;
      }
      case 'ExportAllDeclaration':
        this.#star(node);
        break;
      case 'AssignmentExpression':
        this.#assignment(node);
        break;
    }
  }

  #statement(node: TreeNode): void {
    const { declaration } = node;
    const source = isNode(node['source']) ? node['source']['value'] : undefined;
    if (isNode(declaration)) {
      const declared = Array.isArray(declaration['declarations'])
        ? declaration['declarations'].map((one: unknown) => isNode(one) && nameOf(one['id']))
        : [nameOf(declaration['id'])];
      for (const name of declared) {
        if (typeof name === 'string') this.#named.set(name, { kind: 'local', name });
      }
    }
    if (!Array.isArray(node['specifiers'])) return;
    for (const one of node['specifiers']) {
      if (!isNode(one)) continue;
      const [local, exported] = [exportedName(one['local']), exportedName(one['exported'])];
      if (local === undefined || exported === undefined) continue;
      const origin: ExportOrigin =
        typeof source === 'string'
          ? { kind: 'import', specifier: source, imported: local }
          : { kind: 'local', name: local };
      this.#named.set(exported, origin);
    }
  }

  #star(node: TreeNode): void {
    const specifier = isNode(node['source']) ? node['source']['value'] : undefined;
    if (typeof specifier !== 'string') return;
    const name = exportedName(node['exported']);
    if (name === undefined) this.#all.push(specifier);
    else this.#named.set(name, { kind: 'import', specifier, imported: '*' });
  }

  #assignment(node: TreeNode): void {
    const { left, right } = node;
    if (!isNodeOfType(left, 'MemberExpression') || !isNode(right)) return;
    const name = propertyKey(left);
    if (name === undefined) return;
    if (isModuleExports(left)) {
      this.#named.set('default', { kind: 'value', node: right });
    } else if (isIdentifier(left['object'], 'exports') || isModuleExports(left['object'])) {
      this.#named.set(name, { kind: 'value', node: right });
    }
  }
}

function isModuleExports(node: unknown): boolean {
  return (
    isNodeOfType(node, 'MemberExpression') &&
    isIdentifier(node['object'], 'module') &&
    propertyKey(node) === 'exports'
  );
}

/** Whether an assignment to this node hands the value to other modules. */
export function isExportTarget(node: unknown): boolean {
  return (
    isNodeOfType(node, 'MemberExpression') &&
    (isModuleExports(node) ||
      isIdentifier(node['object'], 'exports') ||
      isModuleExports(node['object']))
  );
}
