import type { CallExpression, Expression, Node } from 'oxc-parser';
import type { SourceModule } from './source-module.ts';
import { visit } from './visit.ts';

const arrayMutators: ReadonlySet<string> = new Set([
  'push',
  'unshift',
  'splice',
  'pop',
  'shift',
  'sort',
  'reverse',
  'fill',
  'copyWithin',
]);
const objectMutators: ReadonlySet<string> = new Set([
  'assign',
  'defineProperty',
  'defineProperties',
  'setPrototypeOf',
]);

/**
 * The first place that gives a top-level name, or a property of it, another value than its
 * declaration did. A local variable of the same name inside a function counts as well: to be wrong
 * in that direction is an error a user sees.
 *
 * @param declaredAt Where the name stands in its declaration
 */
export function findMutation(
  module: SourceModule,
  name: string,
  declaredAt: number,
): Node | undefined {
  if (!mayBeMutated(module.source, name, declaredAt)) return undefined;
  let found: Node | undefined;
  visit(module.program, (node) => {
    const target =
      node.type === 'AssignmentExpression'
        ? node.left
        : node.type === 'UpdateExpression'
          ? node.argument
          : node.type === 'CallExpression'
            ? mutatedByCall(node)
            : undefined;
    if (target !== undefined && rootName(target) === name) found ??= node;
  });
  return found;
}

/**
 * Looks at the text first: to walk the tree of every function would be most of the time that
 * discovery takes.
 */
function mayBeMutated(source: string, name: string, declaredAt: number): boolean {
  const escaped = name.replaceAll('$', String.raw`\$`);
  const uses = new RegExp(
    String.raw`(?<![\w$])${escaped}(?![\w$])\s*(?:[.[)]|\+\+|--|[^=!<>\s\w]{0,3}=(?![=>]))|(?:\+\+|--)\s*${escaped}(?![\w$])|Object\.\w+\(\s*${escaped}(?![\w$])`,
    'g',
  );
  return Array.from(source.matchAll(uses)).some(({ index }) => index !== declaredAt);
}

/** `Object.assign(x, …)` and `x.list.push(…)`. */
function mutatedByCall({ callee, arguments: [first] }: CallExpression): Expression | undefined {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return undefined;
  const method = callee.property.name;
  if (callee.object.type === 'Identifier' && callee.object.name === 'Object') {
    return objectMutators.has(method) && first !== undefined && first.type !== 'SpreadElement'
      ? first
      : undefined;
  }
  return arrayMutators.has(method) ? callee.object : undefined;
}

function rootName(node: Node): string | undefined {
  let current = node;
  while (current.type === 'MemberExpression') current = current.object;
  return current.type === 'Identifier' ? current.name : undefined;
}
