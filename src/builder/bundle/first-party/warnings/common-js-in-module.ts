import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Location, Message, Metafile } from 'esbuild';
import { parseSync } from 'oxc-parser';
import type { Diagnostic } from '../../../../diagnostic/diagnostic.ts';
import { locate } from '../../../../diagnostic/locate.ts';
import type { FunctionSpec } from '../../../discover/function-spec.ts';
import type { BundleOptions } from '../../contract/bundle-options.ts';
import { absoluteIn } from '../../esbuild/metafile/metafile-path.ts';
import type { FinishedPass } from '../../esbuild/passes/pass-plan.ts';
import { installedRoot } from '../../packages/installed-root.ts';
import type { BundleRequest } from '../../session/bundle-request.ts';
import { isNodeOfType, nameOf, walkTree, type TreeNode } from '../../syntax/syntax-tree.ts';

/** Esbuild's findings about `exports` and `module` in ES modules, which have neither. */
export interface CommonJsInModules {
  /** For each use that fails whenever its module is loaded. */
  readonly errors: readonly Diagnostic[];
  /** The messages about uses that may or may not be evaluated. */
  readonly unsure: readonly Message[];
}

const messageId = 'commonjs-variable-in-esm';

export function isAboutCommonJs({ id }: Message): boolean {
  return id === messageId;
}

/**
 * Decides which of esbuild's warnings about `exports` and `module` are errors. Node throws a
 * ReferenceError for the names in an ES module, so a statement of the module itself that uses one
 * keeps the function from being loaded. A use behind `typeof module` or in a `try` works and is
 * left out.
 */
export function findCommonJsInModules(
  { warnings, metafile }: FinishedPass,
  { spec, options }: BundleRequest,
): CommonJsInModules {
  const messages = warnings.filter(isAboutCommonJs);
  const errors: Diagnostic[] = [];
  const unsure: Message[] = [];
  const loaded = messages.length === 0 ? undefined : loadedAtOnce(metafile, spec, options);
  for (const message of messages) {
    const { location } = message;
    if (location === null) continue;
    const file = path.resolve(options.projectDirectory, location.file);
    if (installedRoot(file) !== undefined) continue;
    const source = readFileSync(file, 'utf8');
    const start = offsetOf(source, location);
    const use = useAt(file, source, start);
    const isCertain = use === 'always' && loaded?.has(file) === true;
    if (!isCertain && use !== 'harmless') unsure.push(message);
    if (!isCertain) continue;
    errors.push({
      severity: 'error',
      code: 'COMMONJS_IN_MODULE',
      message: `\`${source.slice(start, start + location.length)}\` does not exist in an ES module, so this line fails whenever the function is loaded. ${reasonOf(message)}`,
      hint: mendOf(file, source.slice(start), message),
      location: locate(file, source, start, start + location.length),
      functionName: spec.name,
    });
  }
  return { errors, unsure };
}

/** The files that are loaded whenever the function is: those that static imports lead to. */
function loadedAtOnce(
  { inputs }: Metafile,
  { entry }: FunctionSpec,
  { projectDirectory }: BundleOptions,
): ReadonlySet<string> {
  const absolute = absoluteIn(projectDirectory);
  const byFile = new Map(Object.entries(inputs).map(([file, input]) => [absolute(file), input]));
  const found = new Set([entry.mainFile]);
  // The loop also visits the files that are added to the set while it runs.
  for (const file of found) {
    for (const { kind, path: imported } of byFile.get(file)?.imports ?? []) {
      if (kind === 'import-statement') found.add(absolute(imported));
    }
  }
  return found;
}

/** The offset of a location of esbuild's, whose column counts bytes. */
function offsetOf(source: string, { line, column, lineText }: Location): number {
  const lineStart = source.split('\n', line - 1).join('\n').length + (line > 1 ? 1 : 0);
  return lineStart + Buffer.from(lineText).subarray(0, column).toString().length;
}

/** Whether the module always evaluates the name at an offset, never fails by it, or neither is sure. */
function useAt(file: string, source: string, offset: number): 'always' | 'harmless' | 'unsure' {
  let use: 'always' | 'harmless' | 'unsure' = 'unsure';
  walkTree(parseSync(file, source).program, (node, ancestors) => {
    if (node.start !== offset || nameOf(node) === undefined) return;
    const trail = [...ancestors, node];
    if (trail.some((one, index) => isGuard(one, trail[index + 1], source))) use = 'harmless';
    else use = trail.some((one, index) => isDeferred(one, trail[index + 1])) ? 'unsure' : 'always';
  });
  return use;
}

/** Whether a node catches the error of its child, or evaluates the child only where the name exists. */
function isGuard(node: TreeNode, child: TreeNode | undefined, source: string): boolean {
  if (isNodeOfType(node, 'TryStatement')) return child === node['block'];
  if (isNodeOfType(node, 'UnaryExpression')) return node['operator'] === 'typeof';
  const condition = node['test'] ?? (node.type === 'LogicalExpression' ? node['left'] : undefined);
  return (
    typeof condition === 'object' &&
    condition !== null &&
    'start' in condition &&
    'end' in condition &&
    condition !== child &&
    /typeof\s+(?:module|exports|require)\b/.test(
      source.slice(Number(condition.start), Number(condition.end)),
    )
  );
}

/** Whether a node evaluates its child later, under a condition, or any number of times. */
function isDeferred(node: TreeNode, child: TreeNode | undefined): boolean {
  if (
    /Function|Loop|^(?:For|While|DoWhile|Switch)|MethodDefinition|PropertyDefinition/.test(
      node.type,
    )
  ) {
    return true;
  }
  if (node.type === 'LogicalExpression') return child === node['right'];
  return 'test' in node && child !== node['test'];
}

/** Esbuild's reason to take the file for an ES module, as a sentence. */
function reasonOf({ notes }: Message): string {
  const text = notes[0]?.text ?? '';
  return text
    .replace('This file is considered to be an ECMAScript module', 'The file is an ES module')
    .replace(/ here:$/, ' in it.')
    .replace(/:$/, '.');
}

/**
 * What to write instead. A file that is an ES module by its name or its package.json alone can also
 * be renamed.
 */
function mendOf(file: string, text: string, { notes }: Message): string {
  const name = /^(?:module\s*\.\s*)?exports\s*\.\s*([A-Za-z_$][\w$]*)\s*=/.exec(text)?.[1];
  const whole = /^module\s*\.\s*exports\s*=\s*(\{[^}]*\bhandler\b)?/.exec(text);
  const written = name ?? (whole?.[1] === undefined ? undefined : 'handler');
  const esm =
    written === undefined ? 'Write `export default …`' : `Write \`export const ${written} = …\``;
  if (/keyword/.test(notes[0]?.text ?? '')) return `${esm}.`;
  const base = path.basename(file);
  return `${esm}, or rename the file to ${base.replace(/\.[cm]?([jt])sx?$/, '.c$1s')}.`;
}
