import { parseSync } from 'oxc-parser';
import { isNode, isNodeOfType, nameOf, type TreeNode } from './syntax-tree.ts';

/**
 * Whether a module does nothing but import and declare when it is evaluated, so that no other
 * module can tell when that was. Reading a property or a variable counts as declaring, a call does
 * not.
 */
export function onlyDeclares(file: string, source: string): boolean {
  const { program, errors } = parseSync(file, source, { sourceType: 'unambiguous' });
  const body: readonly unknown[] = program.body;
  return errors.length === 0 && body.every(isQuiet);
}

/** Types of nodes that do nothing by themselves; their children decide. */
const transparent = new Set([
  'ExportNamedDeclaration',
  'ExportDefaultDeclaration',
  'ExportSpecifier',
  'VariableDeclaration',
  'VariableDeclarator',
  'EmptyStatement',
  'Identifier',
  'Literal',
  'TemplateLiteral',
  'TemplateElement',
  'ArrayExpression',
  'ObjectExpression',
  'Property',
  'BinaryExpression',
  'LogicalExpression',
  'ConditionalExpression',
  'MemberExpression',
  'MetaProperty',
  'ParenthesizedExpression',
]);
/** Types of nodes that do nothing whatever is in them. */
const silent = new Set([
  'ImportDeclaration',
  'ExportAllDeclaration',
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);
/** Syntax of TypeScript that stands for code; the rest are types, and enums, which are quiet. */
const codeInTypeScript = new Set([
  'TSModuleDeclaration',
  'TSImportEqualsDeclaration',
  'TSExportAssignment',
  'TSInstantiationExpression',
]);
const quietConstructors = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'URL', 'RegExp', 'Date']);

function isQuiet(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isQuiet);
  if (!isNode(value) || silent.has(value.type)) return true;
  switch (value.type) {
    case 'UnaryExpression':
      return value['operator'] !== 'delete' && isQuiet(value['argument']);
    case 'NewExpression':
      return quietConstructors.has(nameOf(value['callee']) ?? '') && isQuiet(value['arguments']);
    case 'ClassDeclaration':
    case 'ClassExpression':
      return isQuietClass(value);
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
      return isQuiet(value['expression']);
    default:
      if (value.type.startsWith('TS')) return !codeInTypeScript.has(value.type);
      return transparent.has(value.type) && Object.values(value).every(isQuiet);
  }
}

/** Methods do nothing until they are called; decorators, static values and blocks are evaluated. */
function isQuietClass(value: TreeNode): boolean {
  const { body, superClass, decorators } = value;
  const members = isNode(body) && Array.isArray(body['body']) ? body['body'].filter(isNode) : [];
  return (
    isQuiet(superClass) &&
    isEmpty(decorators) &&
    members.every((member) => isEmpty(member['decorators']) && isQuietMember(member))
  );
}

function isQuietMember(member: TreeNode): boolean {
  if (member['computed'] === true && !isQuiet(member['key'])) return false;
  if (isNodeOfType(member, 'StaticBlock')) return false;
  return isNodeOfType(member, 'MethodDefinition') || member['static'] !== true
    ? true
    : isQuiet(member['value']);
}

function isEmpty(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}
