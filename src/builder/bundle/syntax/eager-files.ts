import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { perVersion } from '../memory/per-version.ts';
import { installedRoot } from '../packages/installed-root.ts';
import { isCode } from './code-file.ts';
import {
  argumentsOf,
  isIdentifier,
  isNode,
  literalText,
  walkTree,
  type TreeNode,
} from './syntax-tree.ts';

/**
 * Lists the modules that Node loads at once when it loads these modules of installed packages: what
 * they import statically or require outside of functions, conditions and `try`, and so on. Other
 * packages are not followed.
 */
export function eagerFiles(entries: readonly string[]): ReadonlySet<string> {
  const found = new Set(entries);
  // The loop also visits the files that are added to the set while it runs.
  for (const file of found) {
    if (!isCode(file)) continue;
    for (const specifier of eagerSpecifiers(file)) {
      const resolved = specifier.startsWith('.') ? resolvedFrom(file, specifier) : undefined;
      if (resolved !== undefined && installedRoot(resolved) === installedRoot(file)) {
        found.add(resolved);
      }
    }
  }
  return found;
}

/** Whether Node's parser refuses the text of a file. */
export function isBrokenForNode(file: string): boolean {
  return (
    isCode(file) &&
    parseSync(file, readFileSync(file, 'utf8'), { sourceType: 'unambiguous', lang: 'js' }).errors
      .length > 0
  );
}

/**
 * Returns the specifiers that Node loads at once when it loads a module. Node takes installed files
 * for JavaScript, whatever their extension.
 */
export const eagerSpecifiers = perVersion((file): readonly string[] => {
  const source = readFileSync(file, 'utf8');
  const lang = installedRoot(file) === undefined ? {} : { lang: 'js' as const };
  const { program, module } = parseSync(file, source, { sourceType: 'unambiguous', ...lang });
  const specifiers = [
    ...module.staticImports,
    ...module.staticExports.flatMap((one) => one.entries),
  ]
    .map(({ moduleRequest }) => moduleRequest?.value)
    .filter((value) => value !== undefined);
  walkTree(program, (node, ancestors) => {
    if (node.type !== 'CallExpression' || !isIdentifier(node['callee'], 'require')) return;
    const specifier = literalText(argumentsOf(node)[0]);
    if (specifier !== undefined && !ancestors.some(isLazy)) specifiers.push(specifier);
  });
  return specifiers;
});

const conditional = new Set([
  'TryStatement',
  'IfStatement',
  'ConditionalExpression',
  'LogicalExpression',
  'SwitchCase',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
]);

function isLazy(node: TreeNode): boolean {
  return (isNode(node['body']) && /Function/.test(node.type)) || conditional.has(node.type);
}

function resolvedFrom(file: string, specifier: string): string | undefined {
  try {
    return createRequire(file).resolve(specifier);
  } catch {
    const written = path.resolve(path.dirname(file), specifier);
    return isCode(written) ? written : undefined;
  }
}
