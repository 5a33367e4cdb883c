import type { Diagnostic } from '../../../../diagnostic/diagnostic.ts';
import { locate } from '../../../../diagnostic/locate.ts';
import type { ModuleOutline } from '../../paths/module-outline.ts';
import { calleeName, type TreeNode } from '../../syntax/syntax-tree.ts';
import { mostContinuation, secretIn } from './secrets.ts';

const packageNameForm = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?:\/[\w./-]+)?$/;
const maxNameCharacters = 100;

/** What the texts in a module show. */
export interface LiteralFindings {
  /** Texts that have the form of a package name. */
  readonly possibleNames: readonly string[];
  /** Texts that look like secrets. */
  readonly warnings: readonly Diagnostic[];
}

/** Looks at the string literals and templates of a module. */
export function literalFindings({ file, source, literals }: ModuleOutline): LiteralFindings {
  const possibleNames = new Set<string>();
  const warnings: Diagnostic[] = [];
  for (const { node, parent } of literals) {
    const value: unknown =
      node.type === 'Literal' ? node['value'] : source.slice(node.start, node.end);
    if (typeof value !== 'string') continue;
    if (value.length < maxNameCharacters && packageNameForm.test(value) && !isSpecifier(parent)) {
      possibleNames.add(value);
    }
    const secret = secretIn(value, source.slice(node.end, node.end + mostContinuation));
    if (secret === undefined) continue;
    warnings.push({
      severity: 'warning',
      code: 'SECRET_IN_SOURCE',
      message: `This looks like ${secret}. It would be in the artifact in plain text.`,
      hint: 'Put it into an environment variable and read it with process.env or Netlify.env.get().',
      location: locate(file, source, node.start, node.end),
    });
  }
  return { possibleNames: [...possibleNames], warnings };
}

/**
 * Whether a literal with this parent is the specifier of an import, and not a name that is passed
 * to a package.
 */
function isSpecifier(parent: TreeNode | undefined): boolean {
  return (
    parent !== undefined &&
    (/^(?:Import|Export)/.test(parent.type) ||
      (parent.type === 'CallExpression' && calleeName(parent['callee']) === 'require'))
  );
}
