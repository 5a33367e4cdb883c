import { parseSync } from 'oxc-parser';
import { sloppyUses, type SloppyUse } from './sloppy-code.ts';
import { isSloppyPackageText } from './sloppy-text.ts';
import { isIdentifier, nameOf, walkTree } from './syntax-tree.ts';

/** Larger texts are not parsed, because that would take too long. */
const maxParsedBytes = 1024 * 1024;

/**
 * Whether a module works only as a CommonJS module of its own: it has code that means something
 * else in strict mode, or it asks which module loaded it.
 */
export function needsCommonJs(file: string, bytes: Buffer, latin1: string): boolean {
  if (/\.m[jt]s$/.test(file) || bytes.length > maxParsedBytes) return false;
  const mayBeSloppy = isSloppyPackageText(latin1);
  const mayAskParent = /\bmodule\.parent\b/.test(latin1);
  if (!mayBeSloppy && !mayAskParent) return false;
  const { program, module, errors } = parseSync(file, bytes.toString(), {
    sourceType: 'unambiguous',
  });
  if (module.hasModuleSyntax || errors.length > 0) return false;
  return (
    (mayBeSloppy && sloppyUses(program).some(matters)) || (mayAskParent && asksParent(program))
  );
}

/**
 * Whether a use is more than `root = this`, which libraries for browsers write for the case that
 * there is no `module`.
 */
function matters({ kind, parent }: SloppyUse): boolean {
  return kind !== 'this' || !/^(?:VariableDeclarator|AssignmentExpression)$/.test(parent.type);
}

function asksParent(program: unknown): boolean {
  let asks = false;
  walkTree(program, (node, ancestors) => {
    asks ||=
      node.type === 'MemberExpression' &&
      isIdentifier(node['object'], 'module') &&
      nameOf(node['property']) === 'parent' &&
      !ancestors.some(
        ({ params }) => Array.isArray(params) && params.some((one) => isIdentifier(one, 'module')),
      );
  });
  return asks;
}
