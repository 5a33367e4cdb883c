import { parseSync } from 'oxc-parser';
import {
  argumentsOf,
  isIdentifier,
  isNode,
  isNodeOfType,
  nameOf,
  walkTree,
  type TreeNode,
} from '../../syntax/syntax-tree.ts';

/** The helper by which esbuild keeps the names of functions stands near the start of its output. */
const headCharacters = 16_384;
const helperForm =
  /([\w$]+)\s*=\s*\(([\w$]+),\s*([\w$]+)\)\s*=>\s*[\w$]+\(\2,\s*"name",\s*\{\s*value(?::\s*\3)?,\s*configurable:/;
/** Matches calls by which code passes functions to a browser, a thread or a process. */
const passing =
  /\.(?:\$?\$?eval|evaluate\w*|waitForFunction|addInitScript|execute(?:Async)?Script|exec|toString|offload)\(/;

/** Larger outputs are left as they are: walking the tree of a text of 28 MB takes four seconds. */
const maxParsedBytes = 8 * 1024 * 1024;

/**
 * Lets functions that are turned into text run in another realm, as `page.evaluate(() => …)` does.
 * Where esbuild keeps names, it calls a helper inside of such a function, and the helper does not
 * exist there. The calls are removed from functions that use nothing of the module; spaces take
 * their place, so that every position stays the same.
 */
export function withPortableFunctions(output: Uint8Array): Uint8Array {
  if (output.byteLength > maxParsedBytes) return output;
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  const helper = helperForm.exec(bytes.toString('latin1', 0, headCharacters))?.[1];
  if (helper === undefined) return output;
  const text = bytes.toString();
  return passing.test(text) ? Buffer.from(portableText(text, helper)) : output;
}

function portableText(text: string, helper: string): string {
  const { program } = parseSync('bundle.mjs', text, { sourceType: 'unambiguous' });
  const calls = new Set<TreeNode>();
  const declared = declaredFunctions(program);
  const scopes = new Map<TreeNode, ReadonlySet<string>>();
  const calling = `${helper}(`;
  walkTree(program, (node, ancestors) => {
    for (const passed of passedFunctions(node, declared)) {
      if (!text.slice(passed.start, passed.end).includes(calling)) continue;
      if (!isSelfContained(passed, helper, namesAround(ancestors, scopes))) continue;
      walkTree(passed, (inner) => {
        if (isHelperCall(inner, helper)) calls.add(inner);
      });
    }
  });
  return withoutCalls(text, [...calls]);
}

/** The functions that a module declares by a name, if only one has this name. */
function declaredFunctions(program: unknown): ReadonlyMap<string, TreeNode | undefined> {
  const found = new Map<string, TreeNode | undefined>();
  const add = (name: string | undefined, value: unknown): void => {
    const fn = functionIn(value);
    if (name !== undefined && fn !== undefined) found.set(name, found.has(name) ? undefined : fn);
  };
  walkTree(program, (node) => {
    if (node.type === 'FunctionDeclaration') add(nameOf(node['id']), node);
    if (node.type === 'VariableDeclarator') add(nameOf(node['id']), node['init']);
  });
  return found;
}

/** Returns a function, also one in a call of the helper. */
function functionIn(value: unknown): TreeNode | undefined {
  if (!isNode(value)) return undefined;
  if (/Function/.test(value.type)) return value;
  return value.type === 'CallExpression' ? functionIn(argumentsOf(value)[0]) : undefined;
}

/** Returns the functions that a node passes to a method, or turns into text. */
function passedFunctions(
  node: TreeNode,
  declared: ReadonlyMap<string, TreeNode | undefined>,
): readonly TreeNode[] {
  if (!isNodeOfType(node, 'CallExpression') || !isNodeOfType(node['callee'], 'MemberExpression')) {
    return [];
  }
  return [...argumentsOf(node), node['callee']['object']].flatMap((value) => {
    const name = nameOf(value);
    const fn = name === undefined ? functionIn(value) : declared.get(name);
    return fn === undefined ? [] : [fn];
  });
}

/** Returns the names of a module and of the functions around a node, as one set for each of them. */
function namesAround(
  ancestors: readonly TreeNode[],
  known: Map<TreeNode, ReadonlySet<string>>,
): readonly ReadonlySet<string>[] {
  const scopes = ancestors.filter(({ type }) => type === 'Program' || /Function/.test(type));
  return scopes.map((scope) => {
    const found = known.get(scope);
    if (found !== undefined) return found;
    const body = isNode(scope['body']) ? scope['body']['body'] : scope['body'];
    const names = declaredIn({ ...scope, body: shallow(body) });
    known.set(scope, names);
    return names;
  });
}

/** Whether a function uses no name of the module or of a function around it. */
function isSelfContained(
  fn: TreeNode,
  helper: string,
  around: readonly ReadonlySet<string>[],
): boolean {
  const own = declaredIn(fn);
  let isOwn = true;
  walkTree(fn, (node, inner) => {
    const name = nameOf(node);
    if (name === undefined || name === helper || own.has(name)) return;
    if (!around.some((names) => names.has(name))) return;
    const parent = inner.at(-1);
    const isKey =
      parent?.['computed'] !== true && ['property', 'key'].some((key) => parent?.[key] === node);
    if (!isKey) isOwn = false;
  });
  return isOwn;
}

/** Statements of a body without what is inside of functions and classes. */
function shallow(body: unknown): readonly unknown[] {
  const statements = Array.isArray(body) ? body : [];
  return statements.map((one: unknown) =>
    isNode(one) && /Function|Class/.test(one.type)
      ? Object.assign({}, one, { body: [], params: [] })
      : one,
  );
}

/** Returns the names that variables, functions, classes and parameters in a tree have. */
function declaredIn(tree: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const addAll = (pattern: unknown): void =>
    walkTree(pattern, (node) => {
      const name = nameOf(node);
      if (name !== undefined) names.add(name);
    });
  walkTree(tree, (node) => {
    if (node.type === 'VariableDeclarator' || node.type === 'CatchClause') {
      addAll(node['id'] ?? node['param']);
    } else if (/Function|Class/.test(node.type)) {
      addAll(node['id']);
      addAll(node['params']);
    } else if (node.type.startsWith('Import')) {
      addAll(node['local']);
    }
  });
  return names;
}

function isHelperCall(node: TreeNode, helper: string): boolean {
  return (
    isNodeOfType(node, 'CallExpression') &&
    isIdentifier(node['callee'], helper) &&
    argumentsOf(node).length === 2
  );
}

/** Replaces `helper(value, "name")` by the value in parentheses, with spaces around it. */
function withoutCalls(text: string, calls: readonly TreeNode[]): string {
  const characters: (readonly [start: number, end: number, text: string])[] = [];
  for (const call of calls) {
    const [value] = argumentsOf(call);
    if (!isNode(value)) continue;
    characters.push([call.start, value.start, `${' '.repeat(value.start - call.start - 1)}(`]);
    characters.push([value.end, call.end, `)${' '.repeat(call.end - value.end - 1)}`]);
  }
  let result = '';
  let at = 0;
  for (const [start, end, replacement] of characters.toSorted((a, b) => a[0] - b[0])) {
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}
