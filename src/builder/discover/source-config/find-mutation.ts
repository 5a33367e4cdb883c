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
 * The first place that changes the value of a top-level name, or of a property of that value, after
 * its declaration. A local variable of the same name inside a function counts as well: the mistake
 * is then an error that the user sees, and never a wrong value that nobody notices.
 *
 * @param declaredAt The offset of the name in its declaration
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
 * Whether the text of a module contains a possible mutation of a name. This check comes first,
 * because walking the tree of every function would be most of the time of discovery.
 */
function mayBeMutated(source: string, name: string, declaredAt: number): boolean {
  const escaped = name.replaceAll('$', String.raw`\$`);
  const uses = new RegExp(
    String.raw`(?<![\w$])${escaped}(?![\w$])\s*(?:[.[)]|\+\+|--|[^=!<>\s\w]{0,3}=(?![=>]))|(?:\+\+|--)\s*${escaped}(?![\w$])|Object\.\w+\(\s*${escaped}(?![\w$])`,
    'g',
  );
  return Array.from(source.matchAll(uses)).some(({ index }) => index !== declaredAt);
}

/** The object that a call such as `Object.assign(x, …)` or `x.list.push(…)` changes. */
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
