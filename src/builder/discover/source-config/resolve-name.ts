import type { Expression, TSEnumDeclaration } from 'oxc-parser';
import { findMutation } from './find-mutation.ts';
import { resolveExport } from './module-exports.ts';
import { notStatic, writeLiteral } from './not-static.ts';
import type { Span } from './source-error.ts';
import { spanOf, type ModuleLoader, type SourceModule } from './source-module.ts';

/** The module in which names are looked up. */
export interface Scope {
  readonly loader: ModuleLoader;
  readonly module: SourceModule;
  /** The names whose values are being read. A name that occurs again is defined by itself. */
  readonly visiting: ReadonlySet<string>;
}

/** The value of a name, not evaluated yet. It is evaluated in the scope where it is written. */
export type Referent =
  | { readonly kind: 'expression'; readonly expression: Expression; readonly scope: Scope }
  | {
      /** A property of an object: `const { property } = expression`. */
      readonly kind: 'property';
      readonly expression: Expression;
      readonly property: string;
      readonly scope: Scope;
    }
  | { readonly kind: 'enum'; readonly declaration: TSEnumDeclaration; readonly scope: Scope };

/**
 * Finds the value of a top-level name of a module, which may be declared or imported.
 *
 * @param span Where the name is used, for messages
 * @throws {SourceError} `CONFIG_NOT_STATIC`, when the name has no value that can be read
 */
export function resolveName(name: string, span: Span, scope: Scope): Referent {
  const { module } = scope;
  const binding = module.bindings.get(name);
  const key = `${module.file}\0${name}`;
  if (scope.visiting.has(key)) throw notStatic(span, `\`${name}\` is defined by itself`);
  const inner: Scope = { ...scope, visiting: new Set([...scope.visiting, key]) };
  if (binding === undefined) {
    throw notStatic(
      span,
      name === 'process'
        ? '`process` is known only when the function runs'
        : `\`${name}\` is not defined in this file`,
    );
  }
  switch (binding.kind) {
    case 'variable': {
      requireUnchanged(module, name, binding.node.start);
      if (binding.init === null) throw notStatic(span, `\`${name}\` has no value`);
      return { kind: 'expression', expression: binding.init, scope: inner };
    }
    case 'destructured':
      return {
        kind: 'property',
        expression: binding.init,
        property: binding.property,
        scope: inner,
      };
    case 'enum':
      return { kind: 'enum', declaration: binding.declaration, scope: inner };
    case 'import':
      return resolveImport(binding.specifier, binding.imported, span, inner);
    case 'function':
    case 'class':
      throw notStatic(span, `\`${name}\` is a ${binding.kind}, not a value`);
  }
}

/**
 * Finds the value of an export of a local module.
 *
 * @param span Where the export is used, for messages
 * @throws {SourceError} `CONFIG_NOT_STATIC`, when the export has no value that can be read
 */
export function resolveImport(
  specifier: string,
  imported: string,
  span: Span,
  scope: Scope,
): Extract<Referent, { kind: 'expression' }> {
  const target = scope.loader.follow(scope.module, specifier);
  if (target === undefined) {
    const local = specifier.startsWith('.');
    throw notStatic(
      span,
      local
        ? `"${specifier}" does not exist`
        : `"${specifier}" is not a file of this project that a relative path or tsconfig.json's \`paths\` name`,
      local ? 'Correct the path of the import.' : writeLiteral,
    );
  }
  if (imported === '*') {
    throw notStatic(span, 'A whole module is no configuration value', 'Name one of its exports.');
  }
  const found = resolveExport(target, imported, scope.loader);
  if (found === undefined) throw notStatic(span, `"${specifier}" has no export \`${imported}\``);
  const { expression, module } = found;
  if (expression === undefined) {
    throw notStatic(span, `\`${imported}\` of "${specifier}" is not a value that can be read`);
  }
  return { kind: 'expression', expression, scope: { ...scope, module } };
}

function requireUnchanged(module: SourceModule, name: string, declaredAt: number): void {
  const mutation = findMutation(module, name, declaredAt);
  if (mutation === undefined) return;
  throw notStatic(
    spanOf(module, mutation),
    `\`${name}\` is changed after its declaration`,
    'Give it its final value where it is declared.',
  );
}
