import { parseSync } from 'oxc-parser';
import { isNode } from './syntax-tree.ts';

/** Whether an ES module waits at its top level, so that Node cannot load it by `require()`. */
export function hasTopLevelAwait(file: string, source: string): boolean {
  return (
    /\bawait\b/.test(source) && waits(parseSync(file, source, { sourceType: 'module' }).program)
  );
}

/** Whether code waits outside of functions. */
function waits(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(waits);
  if (!isNode(value) || /Function|ClassBody/.test(value.type)) return false;
  if (value.type === 'AwaitExpression' || value['await'] === true) return true;
  return Object.values(value).some(waits);
}
