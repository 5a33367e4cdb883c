import { isBuiltin } from 'node:module';
import type { Finding } from './finding.ts';
import {
  argumentsOf,
  isIdentifier,
  isNode,
  isNodeOfType,
  isParameter,
  leadingText,
  literalText,
  nameOf,
  type TreeNode,
} from './syntax-tree.ts';

/**
 * Matches texts in which `require` is used without being called by its name: as a value (`const
 * load = require;`), through `module.require`, in `eval` and in `new Function`. The keyword comes
 * first and the characters before it second, so that the search is fast.
 */
export const hiddenRequireText =
  /require(?<=(?<![\w$.'"`/-])(?<!typeof )require)(?:\s*(?:[;,)\]}]|\n)|\.(?:call|apply|bind|main)\b)|\?\s*require\s*:|module\.require\b|\beval\)?\(\s*["'`]\(?require|\bFunction\((?=[^)]{0,80}\b(?:require|import)\b)/;

/** Finds loads of modules that no bundler sees, because they do not call `require` by its name. */
export class HiddenRequires {
  /** Name of a variable that holds `require` → the function in which the variable is declared. */
  readonly #aliases = new Map<string, TreeNode | undefined>();

  readonly #directories = new Set<string>();

  /** Relative directories whose modules are loaded: `./locale/` in `load('./locale/' + name)`. */
  get directories(): readonly string[] {
    return [...this.#directories];
  }

  get hasAliases(): boolean {
    return this.#aliases.size > 0;
  }

  /** Returns what a node loads; undefined when it is no hidden load of a package or a module. */
  visit(node: TreeNode, ancestors: readonly TreeNode[]): Finding | undefined {
    switch (node.type) {
      case 'VariableDeclarator':
        this.#assign(node['id'], node['init'], ancestors);
        return undefined;
      case 'AssignmentExpression':
        if (isIdentifier(node['left'], 'require')) return 'hidden-modules';
        this.#assign(node['left'], node['right'], ancestors);
        return undefined;
      case 'CallExpression':
        return this.#call(node, ancestors);
      default:
        return undefined;
    }
  }

  #assign(target: unknown, value: unknown, ancestors: readonly TreeNode[]): void {
    const name = nameOf(target);
    if (name === undefined || !isRequire(value, ancestors)) return;
    this.#aliases.set(name, ancestors.findLast(isFunction));
  }

  #call(node: TreeNode, ancestors: readonly TreeNode[]): Finding | undefined {
    const { callee } = node;
    const [first, second] = argumentsOf(node);
    if (isNodeOfType(callee, 'Identifier')) {
      if (this.#isAlias(callee, ancestors)) return this.#load(first, second);
    } else if (isNodeOfType(callee, 'MemberExpression') && isRequire(callee['object'], ancestors)) {
      if (['call', 'apply'].includes(nameOf(callee['property']) ?? '')) return this.#load(second);
    } else if (isRequire(callee, ancestors)) {
      return this.#load(first, second);
    }
    // `factory(require, exports)`: the modules that the callee loads are not known.
    const isHandedOver = argumentsOf(node).some(
      (argument) => isIdentifier(argument, 'require') && isRequire(argument, ancestors),
    );
    return isHandedOver ? 'own-modules' : undefined;
  }

  #load(argument: unknown, second?: unknown): Finding | undefined {
    // Browserify passes `true` to the `require` of an outer bundle.
    if (!isNode(argument) || isNodeOfType(second, 'UnaryExpression')) return undefined;
    const text = literalText(argument);
    if (text !== undefined && isBuiltin(text)) return undefined;
    const start = text ?? leadingText(argument) ?? '';
    if (!/^\.{1,2}\//.test(start)) return 'hidden-modules';
    if (text !== undefined || !/[^./].*\/$/.test(start)) return 'own-modules';
    this.#directories.add(start);
    return 'own-files';
  }

  #isAlias(callee: TreeNode, ancestors: readonly TreeNode[]): boolean {
    const name = nameOf(callee) ?? '';
    if (!this.#aliases.has(name) || isParameter(name, ancestors)) return false;
    const scope = this.#aliases.get(name);
    return scope === undefined || ancestors.includes(scope);
  }
}

/** Whether the value of an expression is the module's `require`, or can be. */
function isRequire(value: unknown, ancestors: readonly TreeNode[]): boolean {
  if (!isNode(value)) return false;
  const inner = (key: string): boolean => isRequire(value[key], ancestors);
  switch (value.type) {
    case 'Identifier':
      return isIdentifier(value, 'require') && !isParameter('require', ancestors);
    case 'ParenthesizedExpression':
      return inner('expression');
    case 'ConditionalExpression':
      return inner('consequent') || inner('alternate');
    case 'LogicalExpression':
      return inner('left') || inner('right');
    case 'SequenceExpression':
      return isRequire(listOf(value['expressions']).at(-1), ancestors);
    case 'MemberExpression':
      return isIdentifier(value['property'], 'require') && isModule(value['object']);
    case 'CallExpression':
    case 'NewExpression':
      return makesRequire(value, ancestors);
    default:
      return false;
  }
}

function isModule(value: unknown): boolean {
  if (isIdentifier(value, 'module')) return true;
  return (
    isNodeOfType(value, 'MemberExpression') &&
    isIdentifier(value['object'], 'require') &&
    isIdentifier(value['property'], 'main')
  );
}

/** Whether a call is `eval('require')`, `require.bind(…)` or a `Function` whose text loads modules. */
function makesRequire(call: TreeNode, ancestors: readonly TreeNode[]): boolean {
  const { callee } = call;
  const texts = argumentsOf(call).map((argument) => literalText(argument) ?? '');
  if (isIdentifier(callee, 'Function')) {
    return texts.some((text) => /\b(?:require|import)\b/.test(text));
  }
  if (isNodeOfType(callee, 'MemberExpression')) {
    return isIdentifier(callee['property'], 'bind') && isRequire(callee['object'], ancestors);
  }
  const isEval =
    isIdentifier(callee, 'eval') ||
    (isNode(callee) &&
      /^(?:Parenthesized|Sequence)/.test(callee.type) &&
      isIdentifier(lastOf(callee), 'eval'));
  return isEval && /^\(?require\)?$/.test(texts[0] ?? '');
}

/** Returns the value of `(0, x)`. */
function lastOf(node: unknown): unknown {
  if (isNodeOfType(node, 'ParenthesizedExpression')) return lastOf(node['expression']);
  if (isNodeOfType(node, 'SequenceExpression')) return listOf(node['expressions']).at(-1);
  return node;
}

function isFunction(node: TreeNode): boolean {
  return Array.isArray(node['params']);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
