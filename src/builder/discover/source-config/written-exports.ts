import type {
  BindingPattern,
  Declaration,
  ExportAllDeclaration,
  ExportDefaultDeclaration,
  ExportNamedDeclaration,
} from 'oxc-parser';
import { exportedName } from './bindings.ts';
import { addCommonJs, addInnerExports, addModuleExports } from './common-js-exports.ts';
import { ExportList } from './export-list.ts';
import type { SourceModule } from './source-module.ts';

const cache = new WeakMap<SourceModule, ExportList>();

/** The exports in the statements of a module itself, for ES modules and CommonJS. */
export function writtenExports(module: SourceModule): ExportList {
  let exports = cache.get(module);
  if (exports === undefined) {
    exports = readExports(module);
    cache.set(module, exports);
  }
  return exports;
}

function readExports(module: SourceModule): ExportList {
  const exports = new ExportList();
  for (const statement of module.program.body) {
    switch (statement.type) {
      case 'ExportAllDeclaration':
        addExportAll(statement, exports);
        break;
      case 'ExportNamedDeclaration':
        addNamed(statement, exports);
        break;
      case 'ExportDefaultDeclaration':
        addDefault(statement, exports);
        break;
      case 'TSExportAssignment':
        addModuleExports(statement.expression, statement, exports);
        break;
      case 'ExpressionStatement':
        addCommonJs(statement.expression, exports);
        break;
      default:
      // No other statement exports anything at the top level.
    }
  }
  if (!module.isEsm && exports.all.length === 0) addInnerExports(module, exports);
  return exports;
}

function addExportAll(statement: ExportAllDeclaration, exports: ExportList): void {
  if (statement.exportKind === 'type') return;
  const specifier = statement.source.value;
  if (statement.exported === null) {
    exports.addAll({ specifier, node: statement, withDefault: false });
  } else {
    const name = exportedName(statement.exported);
    exports.add({ name, node: statement, from: { specifier, imported: '*' } });
  }
}

function addNamed(statement: ExportNamedDeclaration, exports: ExportList): void {
  if (statement.exportKind === 'type') return;
  const { declaration, source } = statement;
  for (const specifier of statement.specifiers) {
    if (specifier.exportKind === 'type') continue;
    const [name, local] = [exportedName(specifier.exported), exportedName(specifier.local)];
    exports.add(
      source === null
        ? { name, node: specifier, local }
        : { name, node: specifier, from: { specifier: source.value, imported: local } },
    );
  }
  if (declaration !== null) addDeclaration(declaration, exports);
}

function addDeclaration(declaration: Declaration, exports: ExportList): void {
  if (declaration.type === 'VariableDeclaration') {
    if (declaration.declare === true) return;
    for (const { id } of declaration.declarations) addPattern(id, exports);
  } else if (
    (declaration.type === 'FunctionDeclaration' ||
      declaration.type === 'ClassDeclaration' ||
      declaration.type === 'TSEnumDeclaration') &&
    declaration.id !== null
  ) {
    const { id } = declaration;
    exports.add({ name: id.name, node: id, local: id.name });
  }
}

/** Adds the exports of `export const a = …` and `export const { a } = …`. */
function addPattern(pattern: BindingPattern, exports: ExportList): void {
  if (pattern.type === 'Identifier') {
    exports.add({ name: pattern.name, node: pattern, local: pattern.name });
  } else if (pattern.type === 'ObjectPattern') {
    for (const property of pattern.properties) {
      if (property.type === 'Property' && property.value.type === 'Identifier') {
        const { name } = property.value;
        exports.add({ name, node: property, local: name });
      }
    }
  }
}

function addDefault({ declaration }: ExportDefaultDeclaration, exports: ExportList): void {
  if (declaration.type === 'TSInterfaceDeclaration') return;
  const isDeclaration =
    declaration.type === 'FunctionDeclaration' ||
    declaration.type === 'ClassDeclaration' ||
    declaration.type === 'TSDeclareFunction';
  const expression = isDeclaration ? undefined : declaration;
  exports.add({ name: 'default', node: declaration, expression });
}
