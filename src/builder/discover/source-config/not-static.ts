import type { Node } from 'oxc-parser';
import { SourceError, type Span } from './source-error.ts';

export const writeLiteral =
  'Write the value itself: `config` is read without running the function, so it may only hold literals, constants and what is made of them.';

/** The error for a value that is known only when the program runs. */
export function notStatic(span: Span, message: string, hint: string = writeLiteral): SourceError {
  return new SourceError('CONFIG_NOT_STATIC', `${message}.`, span, hint);
}

/** Describes a node, as the subject of a message. */
export function describeNode(node: Node): string {
  switch (node.type) {
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return 'A function';
    case 'AwaitExpression':
      return '`await`';
    case 'NewExpression':
      return 'An object made by `new`';
    case 'ImportExpression':
      return 'A dynamic import';
    case 'TaggedTemplateExpression':
      return 'A tagged template';
    case 'ChainExpression':
      return 'An optional chain';
    default:
      return 'This';
  }
}
