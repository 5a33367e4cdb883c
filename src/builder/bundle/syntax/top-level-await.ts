import { parseSync } from 'oxc-parser';
import { walkTree } from './syntax-tree.ts';

/** Whether a module waits at its top level, so that Node cannot load it by `require()`. */
export function hasTopLevelAwait(file: string, source: string): boolean {
  if (!/\bawait\b/.test(source) || !/\b(?:import|export)\b/.test(source)) return false;
  const { program, module } = parseSync(file, source, { sourceType: 'unambiguous' });
  if (!module.hasModuleSyntax) return false;
  let found = false;
  walkTree(program, (node, ancestors) => {
    const waits =
      node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await'] === true);
    found ||= waits && !ancestors.some(({ type }) => /Function|Method|Property/.test(type));
  });
  return found;
}
