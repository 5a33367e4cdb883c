import type { Diagnostic } from '../../../../diagnostic/diagnostic.ts';
import { locate } from '../../../../diagnostic/locate.ts';
import { sloppyUses, type SloppyUse } from '../../syntax/sloppy-code.ts';
import { isNode, isNodeOfType, nameOf, walkTree, type TreeNode } from '../../syntax/syntax-tree.ts';
import type { TextEdit } from './location-rewrite.ts';

/** The edits that let a CommonJS module mean the same in strict mode. */
export interface SloppyFindings {
  readonly edits: readonly TextEdit[];
  /** What the edits cannot keep. */
  readonly warnings: readonly Diagnostic[];
}

/**
 * Rewrites the code of a CommonJS module that means something else in strict mode, because the
 * bundle is an ES module. A package with such code stays a directory instead.
 */
export function rewriteSloppyCode(file: string, source: string, program: unknown): SloppyFindings {
  const edits: TextEdit[] = [];
  const warnings: Diagnostic[] = [];
  for (const use of sloppyUses(program)) {
    const found = editsFor(use, source);
    if (found === undefined) warnings.push(warningFor(use, file, source));
    else edits.push(...found);
  }
  const named = new Map(edits.map((edit) => [`${edit.start} ${edit.text}`, edit]));
  return { edits: [...named.values()], warnings };
}

/** Undefined when no edit keeps the meaning. */
function editsFor(use: SloppyUse, source: string): readonly TextEdit[] | undefined {
  const { kind, node, parent } = use;
  switch (kind) {
    case 'global': {
      const name = nameOf(node) ?? '';
      const start = isShorthand(node, parent) ? `${name}: globalThis.` : 'globalThis.';
      return [insertion(node.start, start)];
    }
    case 'this':
      return [{ start: node.start, end: node.end, text: 'globalThis' }];
    case 'delete':
      return use.isDeclared
        ? [{ start: parent.start, end: parent.end, text: 'false' }]
        : [insertion(node.start, 'globalThis.')];
    case 'own-name': {
      const { right } = parent;
      return isNodeOfType(parent, 'AssignmentExpression') &&
        parent['left'] === node &&
        isNode(right)
        ? [{ start: parent.start, end: right.start, text: '(0, ' }, insertion(parent.end, ')')]
        : undefined;
    }
    case 'parameters':
      return duplicates(node);
    case 'arguments':
      return undefined;
    case 'callee':
      return calleeEdits(use, source);
  }
}

function insertion(at: number, text: string): TextEdit {
  return { start: at, end: at, text };
}

/** Whether an assigned name is a whole property of a pattern: `({ a } = x)`. */
function isShorthand(node: TreeNode, parent: TreeNode): boolean {
  let found = false;
  walkTree(parent['left'], (inner) => {
    if (inner.type !== 'Property' || inner['shorthand'] !== true) return;
    const { value } = inner;
    found ||= value === node || (isNode(value) && value['left'] === node);
  });
  return found;
}

/** Renames the parameters that a later one of the same name hides. */
function duplicates(fn: TreeNode): readonly TextEdit[] {
  const parameters = Array.isArray(fn['params']) ? fn['params'].filter(isNode) : [];
  return parameters
    .filter((one, index) => parameters.slice(index + 1).some((two) => nameOf(two) === nameOf(one)))
    .map(({ start, end }, index) => ({ start, end, text: `__bgfnUnused${index}` }));
}

/** Replaces `arguments.callee` by the name of its function, which gets one if it has none. */
function calleeEdits({ node, within }: SloppyUse, source: string): readonly TextEdit[] | undefined {
  if (within === undefined || nameOf(node['property']) !== 'callee') return undefined;
  const { start, end } = node;
  const name = nameOf(within['id']);
  if (name !== undefined) return [{ start, end, text: name }];
  const head = /^(?:async\s+)?function\s*\*?/.exec(source.slice(within.start))?.[0];
  if (head === undefined) return undefined;
  return [
    insertion(within.start + head.length, ' __bgfnCallee'),
    { start, end, text: '__bgfnCallee' },
  ];
}

function warningFor({ kind, node }: SloppyUse, file: string, source: string): Diagnostic {
  const text = source.slice(node.start, node.end);
  return {
    severity: 'warning',
    code: 'SLOPPY_MODE',
    message: `"${text}" fails in the bundle, which is strict as every ES module is.`,
    hint:
      kind === 'callee'
        ? 'Give the function a name, and use this name in place of arguments.callee.'
        : 'Use a variable of another name.',
    location: locate(file, source, node.start, node.end),
  };
}
