import {
  cookedText,
  isNode,
  isNodeOfType,
  nameOf,
  propertyKey,
  type TreeNode,
} from '../syntax/syntax-tree.ts';

/** Global functions that return their argument in another form. */
export function isConversion(callee: unknown): boolean {
  const name = nameOf(callee);
  if (name !== undefined) return ['String', 'decodeURI', 'decodeURIComponent'].includes(name);
  return (
    isNodeOfType(callee, 'MemberExpression') &&
    nameOf(callee['object']) === 'Object' &&
    ['freeze', 'seal'].includes(propertyKey(callee) ?? '')
  );
}

/** The expression that a function returns; undefined when the function has several statements. */
export function returnedBy(callable: unknown): TreeNode | undefined {
  if (!isNode(callable) || !Array.isArray(callable['params'])) return undefined;
  const { body } = callable;
  if (!isNode(body)) return undefined;
  if (body.type !== 'BlockStatement') return body;
  const statements: readonly unknown[] = Array.isArray(body['body']) ? body['body'] : [];
  const returned = statements.filter((statement) => isNodeOfType(statement, 'ReturnStatement'));
  const [only] = returned;
  return returned.length === 1 && isNode(only?.['argument']) ? only['argument'] : undefined;
}

/** Whether an expression is `new URL(…)`. */
export function makesUrl({ type, callee }: TreeNode): boolean {
  return (
    type === 'NewExpression' &&
    (nameOf(callee) === 'URL' ||
      (isNodeOfType(callee, 'MemberExpression') && propertyKey(callee) === 'URL'))
  );
}

/** Whether an expression makes an array, an object, a function or a class. */
export function isCodeValue({ type }: TreeNode): boolean {
  return /^(?:(?:Object|Array|ArrowFunction|Function|Class)Expression|(?:Function|Class)Declaration)$/.test(
    type,
  );
}

export interface Parameter {
  /** Undefined for a pattern. */
  readonly name: string | undefined;
  /** Whether it takes all further arguments. */
  readonly isRest: boolean;
}

/** Returns the parameters of a function. */
export function parametersOf({ params }: TreeNode): readonly Parameter[] {
  if (!Array.isArray(params)) return [];
  return params.map((parameter) => {
    const isRest = isNodeOfType(parameter, 'RestElement');
    const isOptional = isNodeOfType(parameter, 'AssignmentPattern');
    const own: unknown = isRest
      ? parameter['argument']
      : isOptional
        ? parameter['left']
        : parameter;
    return { name: nameOf(own), isRest };
  });
}

/** The array that a function gets for `...rest`. */
export function arrayOf(elements: readonly unknown[], { start, end }: TreeNode): TreeNode {
  return { type: 'ArrayExpression', start, end, elements };
}

/** Returns the pieces of a template in order: its texts, and the expressions between them. */
export function templateParts({ quasis, expressions }: TreeNode): readonly (string | TreeNode)[] {
  const inserted = Array.isArray(expressions) ? expressions.filter(isNode) : [];
  const texts: readonly unknown[] = Array.isArray(quasis) ? quasis : [];
  return texts.flatMap((quasi, index) => {
    const expression = inserted[index];
    const text = cookedText(quasi) ?? '';
    return expression === undefined ? [text] : [text, expression];
  });
}

/** A place where an object gets a property from. */
export interface PropertySource {
  readonly value: unknown;
  /** Whether the property is one of the value's own properties, which are spread. */
  readonly isSpread: boolean;
}

/** Returns where an object gets a property from: values and getters of that name, and spreads. */
export function propertySources({ properties }: TreeNode, name: string): readonly PropertySource[] {
  const nodes = Array.isArray(properties) ? properties.filter(isNode) : [];
  return nodes.flatMap((property): readonly PropertySource[] => {
    if (property.type === 'SpreadElement') return [{ value: property['argument'], isSpread: true }];
    if (propertyKey(property) !== name) return [];
    const { value, kind } = property;
    return [{ value: kind === 'get' ? returnedBy(value) : value, isSpread: false }];
  });
}
