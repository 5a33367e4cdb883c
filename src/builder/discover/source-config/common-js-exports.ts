import type {
  AssignmentExpression,
  CallExpression,
  Expression,
  MemberExpression,
  Node,
} from 'oxc-parser';
import { ExportList } from './export-list.ts';
import type { SourceModule } from './source-module.ts';
import { requiredSpecifier, writtenKey } from './syntax.ts';
import { visit } from './visit.ts';

/**
 * Adds the exports of `exports.x = …`, `module.exports.x = …`, `module.exports = …`, chains of such
 * assignments, and `0 && (module.exports = { … })`.
 */
export function addCommonJs(expression: Expression, exports: ExportList): void {
  switch (expression.type) {
    case 'SequenceExpression':
      for (const one of expression.expressions) addCommonJs(one, exports);
      break;
    case 'ParenthesizedExpression':
      addCommonJs(expression.expression, exports);
      break;
    case 'LogicalExpression':
      // esbuild writes `0 && (module.exports = { … })` into CommonJS output, so that Node finds the
      // names of the exports.
      addCommonJs(expression.right, exports);
      break;
    case 'AssignmentExpression':
      if (expression.operator === '=') addAssignment(expression, exports);
      break;
    case 'CallExpression':
      addDefineProperty(expression, exports);
      break;
    default:
    // No other expression exports anything.
  }
}

function addAssignment(expression: AssignmentExpression, exports: ExportList): void {
  let value = expression.right;
  while (value.type === 'AssignmentExpression') {
    addCommonJs(value, exports);
    value = value.right;
  }
  const target = expression.left;
  if (target.type !== 'MemberExpression') return;
  if (isModuleExports(target)) {
    addModuleExports(value, expression, exports);
  } else if (isExportsObject(target.object)) {
    const name = memberName(target);
    // TypeScript writes `exports.handler = void 0` before the value.
    const isVoid = value.type === 'UnaryExpression' && value.operator === 'void';
    if (name !== undefined && !isVoid) exports.add({ name, node: expression, expression: value });
  }
}

/** Adds the exports of `module.exports = …`. */
export function addModuleExports(value: Expression, node: Node, exports: ExportList): void {
  if (value.type === 'ObjectExpression') {
    for (const property of value.properties) {
      if (property.type === 'SpreadElement') {
        const specifier = requiredSpecifier(property.argument);
        if (specifier !== undefined) exports.addAll({ specifier, node, withDefault: false });
      } else if (!property.computed) {
        const name = writtenKey(property.key);
        if (name !== undefined) exports.add({ name, node: property, expression: property.value });
      }
    }
    return;
  }
  const specifier = requiredSpecifier(value);
  if (specifier === undefined) exports.add({ name: 'default', node, expression: value });
  else exports.addAll({ specifier, node, withDefault: true });
}

/**
 * Adds the exports that are made inside a function or a condition, as in the output of other
 * bundlers. Only the names of such exports are known, and not their values. The whole tree is
 * walked only when the top level has no handler, or when the text mentions a `config` that was not
 * found.
 */
export function addInnerExports({ program, source }: SourceModule, exports: ExportList): void {
  const { named } = exports;
  const isCallable = named.has('handler') || named.has('default');
  if (
    isCallable &&
    (named.has('config') || !/exports\s*(?:\.\s*config\b|\[\s*['"]config)/.test(source))
  ) {
    return;
  }
  const inner = new ExportList();
  visit(program, (node) => {
    if (node.type === 'AssignmentExpression') addCommonJs(node, inner);
  });
  for (const [name, { node }] of inner.named) if (!named.has(name)) exports.add({ name, node });
}

/** Adds the export of `Object.defineProperty(exports, 'x', { … })`: compilers write re-exports so. */
function addDefineProperty(expression: CallExpression, exports: ExportList): void {
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
    exports.add({ name: key.value, node: expression });
  }
}

function isExportsObject(node: Expression): boolean {
  return (
    (node.type === 'Identifier' && node.name === 'exports') ||
    (node.type === 'MemberExpression' && isModuleExports(node))
  );
}

function isModuleExports(node: MemberExpression): boolean {
  return (
    node.object.type === 'Identifier' &&
    node.object.name === 'module' &&
    memberName(node) === 'exports'
  );
}

function memberName(node: MemberExpression): string | undefined {
  const { property } = node;
  if (!node.computed) return property.type === 'Identifier' ? property.name : undefined;
  return property.type === 'Literal' && typeof property.value === 'string'
    ? property.value
    : undefined;
}
