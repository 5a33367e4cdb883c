import type { Expression, Node } from 'oxc-parser';
import type { ModuleLoader, SourceModule } from './source-module.ts';
import { writtenExports } from './written-exports.ts';

/** What a module exports under one name. */
export interface ModuleExport {
  /** Where the value is written: another file than the one asked when it is re-exported. */
  readonly module: SourceModule;
  /** Undefined when the value comes from a package, or is a declaration (a function, a class). */
  readonly expression?: Expression | undefined;
  readonly node: Node;
}

/** An export or an import, as the module that has it names it. */
interface Reference {
  readonly specifier: string;
  /** The name of an export there; `*` for the whole module. */
  readonly imported: string;
}

/** One search, over however many modules. `seen` ends circles of re-exports. */
interface Search {
  readonly loader: ModuleLoader;
  readonly seen: ReadonlySet<string>;
}

/**
 * The names a module exports itself, and the packages (`export * from 'package'`) that may export
 * more.
 */
export function exportNames(
  module: SourceModule,
  loader: ModuleLoader,
  seen: ReadonlySet<string> = new Set(),
): { names: string[]; unknown: string[] } {
  const { named, all } = writtenExports(module);
  const names = [...named.keys()];
  const unknown: string[] = [];
  const nowSeen = new Set([...seen, module.file]);
  for (const { specifier } of all) {
    const target = loader.follow(module, specifier);
    if (target === undefined) {
      unknown.push(specifier);
    } else if (!nowSeen.has(target.file)) {
      const inner = exportNames(target, loader, nowSeen);
      names.push(...inner.names.filter((name) => name !== 'default'));
      unknown.push(...inner.unknown);
    }
  }
  return { names, unknown };
}

/**
 * Follows an export through local re-exports and imports to where its value is written; undefined
 * when there is none.
 */
export function resolveExport(
  module: SourceModule,
  name: string,
  loader: ModuleLoader,
): ModuleExport | undefined {
  return findExport(module, name, { loader, seen: new Set() });
}

function findExport(module: SourceModule, name: string, search: Search): ModuleExport | undefined {
  const key = `${module.file}\0${name}`;
  if (search.seen.has(key)) return undefined;
  const inner: Search = { ...search, seen: new Set([...search.seen, key]) };
  const { named, all } = writtenExports(module);
  const written = named.get(name);
  if (written !== undefined) {
    const { node, from, local, expression } = written;
    if (from !== undefined) return follow(module, from, node, inner);
    if (expression?.type === 'Identifier') {
      return findLocal(module, expression.name, node, inner) ?? { module, node, expression };
    }
    return local === undefined
      ? { module, node, expression }
      : findLocal(module, local, node, inner);
  }
  for (const { specifier, withDefault } of all) {
    if (name === 'default' && !withDefault) continue;
    const target = search.loader.follow(module, specifier);
    const found = target === undefined ? undefined : findExport(target, name, inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * A name of the module: an import is followed; a variable gives an expression that names it, so
 * that later changes of the variable are noticed.
 */
function findLocal(module: SourceModule, local: string, node: Node, search: Search): ModuleExport {
  const binding = module.bindings.get(local);
  if (binding === undefined) return { module, node };
  switch (binding.kind) {
    case 'import':
      return follow(module, binding, node, search);
    case 'variable':
    case 'enum':
    case 'destructured':
      return { module, node: binding.node, expression: nameExpression(local, binding.node) };
    case 'function':
    case 'class':
      return { module, node: binding.node };
  }
}

function follow(
  module: SourceModule,
  { specifier, imported }: Reference,
  node: Node,
  search: Search,
): ModuleExport {
  const target = imported === '*' ? undefined : search.loader.follow(module, specifier);
  const found = target === undefined ? undefined : findExport(target, imported, search);
  return found ?? { module, node };
}

function nameExpression(name: string, { start, end }: Node): Expression {
  return { type: 'Identifier', name, start, end };
}
