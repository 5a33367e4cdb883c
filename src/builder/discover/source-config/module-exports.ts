import type { Expression, Node } from 'oxc-parser';
import type { ModuleLoader, SourceModule } from './source-module.ts';
import { writtenExports } from './written-exports.ts';

/** The export of a module under one name. */
export interface ModuleExport {
  /** The module where the value is written. For a re-export this is another module. */
  readonly module: SourceModule;
  /**
   * Undefined when the value is a declaration (a function, a class), and when it comes from a
   * package that cannot be read.
   */
  readonly expression?: Expression | undefined;
  readonly node: Node;
}

/** A name in another module, as an import or a re-export writes it. */
interface Reference {
  readonly specifier: string;
  /** The name of the export in the other module; `*` for the whole module. */
  readonly imported: string;
}

/** One search through any number of modules. `seen` ends cycles of re-exports. */
interface Search {
  readonly loader: ModuleLoader;
  readonly seen: ReadonlySet<string>;
}

/**
 * The names that a module exports, including the names of modules that it re-exports. `unknown` has
 * the packages (`export * from 'package'`) whose exports cannot be read.
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
 * Follows an export through re-exports and imports to the place where its value is written;
 * undefined when the module has no such export.
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
 * Finds the value of a name of the module. An import is followed. For a variable the expression is
 * its name and not its initial value, so that `resolveName` notices later changes of the variable.
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
