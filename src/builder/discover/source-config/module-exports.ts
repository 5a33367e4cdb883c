import type {
  AssignmentExpression,
  ExportDefaultDeclaration,
  Expression,
  Node,
  Statement,
} from 'oxc-parser';
import { exportedName, type ModuleLoader, type SourceModule } from './source-module.ts';
import { visit } from './visit.ts';

/** What a module exports under one name. */
export interface ModuleExport {
  /** Where the value is written: another file than the one asked when it is re-exported. */
  readonly module: SourceModule;
  /** Absent when the value comes from a package, or is a declaration (a function, a class). */
  readonly expression?: Expression;
  readonly node: Node;
}

/** One name, and how the module says it is exported. */
interface RawExport {
  readonly name: string;
  readonly node: Node;
  readonly expression?: Expression;
  /** A name of this module. */
  readonly local?: string;
  /** `export { imported as name } from specifier`; `*` for a namespace. */
  readonly from?: { readonly specifier: string; readonly imported: string };
}

interface RawExports {
  readonly named: ReadonlyMap<string, RawExport>;
  /** `export * from '…'` and `module.exports = require('…')`. */
  readonly all: readonly {
    readonly specifier: string;
    readonly node: Node;
    readonly withDefault: boolean;
  }[];
}

const cache = new WeakMap<SourceModule, RawExports>();

/**
 * The names a module exports itself, and the packages (`export * from 'package'`) that may export
 * more.
 */
export function exportNames(
  module: SourceModule,
  loader: ModuleLoader,
  seen: ReadonlySet<string> = new Set(),
): { names: string[]; unknown: string[] } {
  const { named, all } = rawExports(module);
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
  seen: ReadonlySet<string> = new Set(),
): ModuleExport | undefined {
  const key = `${module.file}\0${name}`;
  if (seen.has(key)) return undefined;
  const nowSeen = new Set([...seen, key]);
  const { named, all } = rawExports(module);
  const raw = named.get(name);
  if (raw !== undefined) {
    if (raw.from !== undefined) return follow(module, raw.from, raw.node, loader, nowSeen);
    if (raw.expression?.type === 'Identifier') {
      return (
        resolveLocal(module, raw.expression.name, raw.node, loader, nowSeen) ?? {
          module,
          node: raw.node,
          expression: raw.expression,
        }
      );
    }
    if (raw.local !== undefined) return resolveLocal(module, raw.local, raw.node, loader, nowSeen);
    return {
      module,
      node: raw.node,
      ...(raw.expression === undefined ? {} : { expression: raw.expression }),
    };
  }
  for (const { specifier, withDefault } of all) {
    if (name === 'default' && !withDefault) continue;
    const target = loader.follow(module, specifier);
    const found = target === undefined ? undefined : resolveExport(target, name, loader, nowSeen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * A name of the module: an import is followed; a variable gives an expression that names it, so
 * that its changes are seen.
 */
function resolveLocal(
  module: SourceModule,
  local: string,
  node: Node,
  loader: ModuleLoader,
  seen: ReadonlySet<string>,
): ModuleExport | undefined {
  const binding = module.bindings.get(local);
  if (binding === undefined) return { module, node };
  switch (binding.kind) {
    case 'import':
      return follow(module, binding, node, loader, seen);
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
  from: { readonly specifier: string; readonly imported: string },
  node: Node,
  loader: ModuleLoader,
  seen: ReadonlySet<string>,
): ModuleExport {
  const target = from.imported === '*' ? undefined : loader.follow(module, from.specifier);
  return (
    (target === undefined ? undefined : resolveExport(target, from.imported, loader, seen)) ?? {
      module,
      node,
    }
  );
}

function nameExpression(name: string, { start, end }: Node): Expression {
  return { type: 'Identifier', name, start, end };
}

function rawExports(module: SourceModule): RawExports {
  const known = cache.get(module);
  if (known !== undefined) return known;
  const named = new Map<string, RawExport>();
  const all: { specifier: string; node: Node; withDefault: boolean }[] = [];
  const add = (raw: RawExport): void => {
    named.set(raw.name, raw);
  };
  for (const statement of module.program.body) {
    if (statement.type === 'ExportAllDeclaration') {
      if (statement.exportKind === 'type') continue;
      if (statement.exported === null) {
        all.push({ specifier: statement.source.value, node: statement, withDefault: false });
      } else {
        add({
          name: exportedName(statement.exported),
          node: statement,
          from: { specifier: statement.source.value, imported: '*' },
        });
      }
    } else if (statement.type === 'ExportNamedDeclaration') {
      addNamed(statement, add);
    } else if (statement.type === 'ExportDefaultDeclaration') {
      addDefault(statement, add);
    } else if (statement.type === 'TSExportAssignment') {
      addModuleExports(statement.expression, statement, add, all);
    } else if (statement.type === 'ExpressionStatement') {
      addCommonJs(statement.expression, add, all);
    }
  }
  if (!module.isEsm && all.length === 0) addInnerExports(module, named);
  const exports = { named, all };
  cache.set(module, exports);
  return exports;
}

function addNamed(
  statement: Extract<Statement, { type: 'ExportNamedDeclaration' }>,
  add: (raw: RawExport) => void,
): void {
  if (statement.exportKind === 'type') return;
  const { declaration, source } = statement;
  for (const specifier of statement.specifiers) {
    if (specifier.exportKind === 'type') continue;
    const [name, local] = [exportedName(specifier.exported), exportedName(specifier.local)];
    add(
      source === null
        ? { name, node: specifier, local }
        : { name, node: specifier, from: { specifier: source.value, imported: local } },
    );
  }
  if (declaration === null) return;
  if (declaration.type === 'VariableDeclaration') {
    if (declaration.declare === true) return;
    for (const { id } of declaration.declarations) {
      if (id.type === 'Identifier') {
        add({ name: id.name, node: id, local: id.name });
      } else if (id.type === 'ObjectPattern') {
        for (const property of id.properties) {
          if (property.type === 'Property' && property.value.type === 'Identifier') {
            add({ name: property.value.name, node: property, local: property.value.name });
          }
        }
      }
    }
  } else if (
    (declaration.type === 'FunctionDeclaration' ||
      declaration.type === 'ClassDeclaration' ||
      declaration.type === 'TSEnumDeclaration') &&
    declaration.id !== null
  ) {
    add({ name: declaration.id.name, node: declaration.id, local: declaration.id.name });
  }
}

function addDefault(statement: ExportDefaultDeclaration, add: (raw: RawExport) => void): void {
  const { declaration } = statement;
  if (declaration.type === 'TSInterfaceDeclaration') return;
  const isDeclaration =
    declaration.type === 'FunctionDeclaration' ||
    declaration.type === 'ClassDeclaration' ||
    declaration.type === 'TSDeclareFunction';
  add({
    name: 'default',
    node: declaration,
    ...(isDeclaration ? {} : { expression: declaration }),
  });
}

/**
 * `exports.x = …`, `module.exports.x = …`, `module.exports = …`, chains of them, and `0 &&
 * (module.exports = { … })`.
 */
function addCommonJs(
  expression: Expression,
  add: (raw: RawExport) => void,
  all: { specifier: string; node: Node; withDefault: boolean }[],
): void {
  if (expression.type === 'SequenceExpression') {
    for (const one of expression.expressions) addCommonJs(one, add, all);
  } else if (expression.type === 'ParenthesizedExpression') {
    addCommonJs(expression.expression, add, all);
  }
  // How esbuild tells Node the export names of what it compiled to CommonJS.
  else if (expression.type === 'LogicalExpression') {
    addCommonJs(expression.right, add, all);
  } else if (expression.type === 'AssignmentExpression' && expression.operator === '=') {
    addAssignment(expression, add, all);
  } else if (expression.type === 'CallExpression') {
    addDefineProperty(expression, add);
  }
}

function addAssignment(
  expression: AssignmentExpression,
  add: (raw: RawExport) => void,
  all: { specifier: string; node: Node; withDefault: boolean }[],
): void {
  let value = expression.right;
  while (value.type === 'AssignmentExpression') {
    addCommonJs(value, add, all);
    value = value.right;
  }
  const target = expression.left;
  if (target.type !== 'MemberExpression') return;
  if (isModuleExports(target)) {
    addModuleExports(value, expression, add, all);
  } else if (isExportsObject(target.object)) {
    const name = memberName(target);
    // TypeScript writes `exports.handler = void 0` first.
    const isVoid = value.type === 'UnaryExpression' && value.operator === 'void';
    if (name !== undefined && !isVoid) add({ name, node: expression, expression: value });
  }
}

function addModuleExports(
  value: Expression,
  node: Node,
  add: (raw: RawExport) => void,
  all: { specifier: string; node: Node; withDefault: boolean }[],
): void {
  if (value.type === 'ObjectExpression') {
    for (const property of value.properties) {
      if (property.type === 'SpreadElement') {
        const specifier = requiredSpecifier(property.argument);
        if (specifier !== undefined) all.push({ specifier, node, withDefault: false });
      } else if (!property.computed) {
        const name =
          property.key.type === 'Identifier'
            ? property.key.name
            : property.key.type === 'Literal'
              ? String(property.key.value)
              : undefined;
        if (name !== undefined) add({ name, node: property, expression: property.value });
      }
    }
    return;
  }
  const specifier = requiredSpecifier(value);
  if (specifier === undefined) add({ name: 'default', node, expression: value });
  else all.push({ specifier, node, withDefault: true });
}

/**
 * Exports made inside a function or a condition, as in the output of other bundlers: the names are
 * known, the values are not. The whole tree is walked only where the top level leaves a question.
 */
function addInnerExports({ program, source }: SourceModule, named: Map<string, RawExport>): void {
  const isCallable = named.has('handler') || named.has('default');
  if (
    isCallable &&
    (named.has('config') || !/exports\s*(?:\.\s*config\b|\[\s*['"]config)/.test(source))
  ) {
    return;
  }
  const inner = new Map<string, RawExport>();
  visit(program, (node) => {
    if (node.type === 'AssignmentExpression') {
      addCommonJs(node, ({ name, node: place }) => void inner.set(name, { name, node: place }), []);
    }
  });
  for (const [name, raw] of inner) if (!named.has(name)) named.set(name, raw);
}

/** `Object.defineProperty(exports, 'x', { … })`, as compilers write re-exports. */
function addDefineProperty(
  expression: Extract<Expression, { type: 'CallExpression' }>,
  add: (raw: RawExport) => void,
): void {
  const { callee } = expression;
  const [target, key] = expression.arguments;
  if (
    callee.type !== 'MemberExpression' ||
    memberName(callee) !== 'defineProperty' ||
    target === undefined ||
    key?.type !== 'Literal'
  ) {
    return;
  }
  if (
    target.type !== 'SpreadElement' &&
    isExportsObject(target) &&
    typeof key.value === 'string' &&
    key.value !== '__esModule'
  ) {
    add({ name: key.value, node: expression });
  }
}

export function requiredSpecifier(expression: Expression): string | undefined {
  if (
    expression.type !== 'CallExpression' ||
    expression.callee.type !== 'Identifier' ||
    expression.callee.name !== 'require'
  ) {
    return undefined;
  }
  const [argument] = expression.arguments;
  return argument?.type === 'Literal' && typeof argument.value === 'string'
    ? argument.value
    : undefined;
}

function isExportsObject(node: Expression): boolean {
  return (
    (node.type === 'Identifier' && node.name === 'exports') ||
    (node.type === 'MemberExpression' && isModuleExports(node))
  );
}

function isModuleExports(node: Extract<Expression, { type: 'MemberExpression' }>): boolean {
  return (
    node.object.type === 'Identifier' &&
    node.object.name === 'module' &&
    memberName(node) === 'exports'
  );
}

function memberName(node: Extract<Expression, { type: 'MemberExpression' }>): string | undefined {
  const { property } = node;
  if (!node.computed) return property.type === 'Identifier' ? property.name : undefined;
  return property.type === 'Literal' && typeof property.value === 'string'
    ? property.value
    : undefined;
}
