import { parseSync } from 'oxc-parser';
import {
  argumentsOf,
  isNode,
  isNodeOfType,
  nameOf,
  walkTree,
  type TreeNode,
} from '../../syntax/syntax-tree.ts';

/** A decorator on a part of a class whose type it can learn from metadata alone. */
export interface DependentDecorator {
  readonly start: number;
  /** The name of the decorator, or of the object that has it, in the file. */
  readonly name: string;
}

/** The decorators of a file, and the modules that their names come from. */
export interface DecoratedParts {
  readonly decorators: readonly DependentDecorator[];
  /** Name in the file → specifier and the name there. */
  readonly imported: ReadonlyMap<string, { readonly specifier: string; readonly name: string }>;
}

/**
 * Finds the decorators that depend on metadata about types: on a class whose constructor has
 * parameters without decorators of their own, on a property unless the decorator gets the type as
 * an argument, and on a method with decorated parameters.
 */
export function decoratedParts(file: string, source: string): DecoratedParts {
  const { program, module } = parseSync(file, source, { sourceType: 'unambiguous' });
  const decorators: DependentDecorator[] = [];
  walkTree(program, (node) => {
    if (!dependsOnTypes(node)) return;
    for (const { start, expression } of decoratorsOf(node)) {
      const name = calledName(expression);
      const isTyped = node.type === 'PropertyDefinition' && hasType(expression);
      if (name !== undefined && !isTyped) decorators.push({ start, name });
    }
  });
  const imported = new Map(
    module.staticImports.flatMap(({ moduleRequest, entries }) =>
      entries.map(({ localName, importName }) => [
        localName.value,
        { specifier: moduleRequest.value, name: importName.name ?? localName.value },
      ]),
    ),
  );
  return { decorators, imported };
}

function dependsOnTypes(node: TreeNode): boolean {
  switch (node.type) {
    case 'PropertyDefinition':
    case 'AccessorProperty':
      return true;
    case 'MethodDefinition':
      return parametersOf(node['value']).some((one) => decoratorsOf(one).length > 0);
    case 'ClassDeclaration':
    case 'ClassExpression':
      return parametersOf(constructorOf(node)).some((one) => decoratorsOf(one).length === 0);
    default:
      return false;
  }
}

function constructorOf({ body }: TreeNode): unknown {
  const members = isNode(body) && Array.isArray(body['body']) ? body['body'].filter(isNode) : [];
  return members.find((member) => member['kind'] === 'constructor')?.['value'];
}

function parametersOf(method: unknown): readonly TreeNode[] {
  return isNode(method) && Array.isArray(method['params']) ? method['params'].filter(isNode) : [];
}

function decoratorsOf(
  node: TreeNode,
): readonly { readonly start: number; readonly expression: TreeNode }[] {
  const decorators = Array.isArray(node['decorators']) ? node['decorators'].filter(isNode) : [];
  return decorators.flatMap(({ start, expression }) =>
    isNode(expression) ? [{ start, expression }] : [],
  );
}

/** `Column` of `@Column()` and of `@Column`, `orm` of `@orm.Column()`. */
function calledName(expression: TreeNode): string | undefined {
  let at: unknown = expression;
  if (isNodeOfType(at, 'CallExpression')) at = at['callee'];
  while (isNodeOfType(at, 'MemberExpression')) at = at['object'];
  return nameOf(at);
}

/** Whether a decorator gets a type: as its first argument, or as `type` in an object. */
function hasType(expression: TreeNode): boolean {
  const [first] = isNodeOfType(expression, 'CallExpression') ? argumentsOf(expression) : [];
  if (!isNode(first)) return false;
  if (!isNodeOfType(first, 'ObjectExpression')) return true;
  const { properties } = first;
  return (
    Array.isArray(properties) &&
    properties.some((one) => isNode(one) && nameOf(one['key']) === 'type')
  );
}
