import type {
  BindingPattern,
  Expression,
  ImportDeclaration,
  Node,
  Program,
  Statement,
  TSEnumDeclaration,
  VariableDeclaration,
} from 'oxc-parser';
import { writtenKey } from './syntax.ts';

/** The declaration or import of a name at the top level of a module. */
export type Binding =
  | {
      readonly kind: 'variable';
      readonly init: Expression | null;
      readonly node: Node;
    }
  | {
      readonly kind: 'destructured';
      readonly property: string;
      readonly init: Expression;
      readonly node: Node;
    }
  | {
      readonly kind: 'import';
      readonly specifier: string;
      /** The name of the export, `default`, or `*` for the whole module. */
      readonly imported: string;
      readonly node: Node;
    }
  | { readonly kind: 'enum'; readonly declaration: TSEnumDeclaration; readonly node: Node }
  | { readonly kind: 'function' | 'class'; readonly node: Node };

type Bindings = Map<string, Binding>;

/** The names that the top-level statements of a program declare or import. */
export function bindingsOf(program: Program): ReadonlyMap<string, Binding> {
  const bindings: Bindings = new Map();
  for (const statement of program.body) addStatement(statement, bindings);
  return bindings;
}

function addStatement(statement: Statement, bindings: Bindings): void {
  switch (statement.type) {
    case 'ExportNamedDeclaration':
      if (statement.declaration !== null) addStatement(statement.declaration, bindings);
      break;
    case 'VariableDeclaration':
      addVariables(statement, bindings);
      break;
    case 'ImportDeclaration':
      addImports(statement, bindings);
      break;
    case 'TSEnumDeclaration':
      bindings.set(statement.id.name, { kind: 'enum', declaration: statement, node: statement });
      break;
    case 'FunctionDeclaration':
      if (statement.id !== null) {
        bindings.set(statement.id.name, { kind: 'function', node: statement });
      }
      break;
    case 'ClassDeclaration':
      if (statement.id !== null) {
        bindings.set(statement.id.name, { kind: 'class', node: statement });
      }
      break;
    case 'ExportDefaultDeclaration': {
      const { declaration } = statement;
      if (
        (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') &&
        declaration.id !== null
      ) {
        bindings.set(declaration.id.name, { kind: 'function', node: declaration });
      }
      break;
    }
    default:
    // No other statement binds a name whose value can be read.
  }
}

function addVariables({ declarations }: VariableDeclaration, bindings: Bindings): void {
  for (const declarator of declarations) {
    const { id, init } = declarator;
    if (id.type === 'Identifier') {
      bindings.set(id.name, { kind: 'variable', init, node: declarator });
    } else if (init !== null) {
      addDestructured(id, init, bindings);
    }
  }
}

function addImports({ source, specifiers }: ImportDeclaration, bindings: Bindings): void {
  for (const node of specifiers) {
    bindings.set(node.local.name, {
      kind: 'import',
      specifier: source.value,
      imported: importedName(node),
      node,
    });
  }
}

function importedName(specifier: ImportDeclaration['specifiers'][number]): string {
  switch (specifier.type) {
    case 'ImportDefaultSpecifier':
      return 'default';
    case 'ImportNamespaceSpecifier':
      return '*';
    case 'ImportSpecifier':
      return exportedName(specifier.imported);
  }
}

/**
 * Adds the names of patterns such as `const { schedule } = require('@netlify/functions')`. Names in
 * nested patterns are left out, because they have no static value.
 */
function addDestructured(pattern: BindingPattern, init: Expression, bindings: Bindings): void {
  if (pattern.type !== 'ObjectPattern') return;
  for (const node of pattern.properties) {
    if (node.type !== 'Property' || node.computed || node.value.type !== 'Identifier') continue;
    const property = writtenKey(node.key);
    if (property === undefined) continue;
    bindings.set(node.value.name, { kind: 'destructured', property, init, node });
  }
}

/** The name in an import or export specifier, which may be written as a string. */
export function exportedName(
  node:
    | { readonly type: 'Identifier'; readonly name: string }
    | { readonly type: 'Literal'; readonly value: string },
): string {
  return node.type === 'Identifier' ? node.name : node.value;
}
