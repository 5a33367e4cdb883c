import path from 'node:path';
import type { ModuleOutline } from '../../paths/module-outline.ts';
import type { PathEvaluator } from '../../paths/path-evaluator.ts';
import {
  concatenated,
  hole,
  joined,
  plainText,
  type PathText,
  type PathValue,
} from '../../paths/path-value.ts';
import {
  argumentsOf,
  cookedText,
  isNode,
  isNodeOfType,
  propertyKey,
  type TreeNode,
} from '../../syntax/syntax-tree.ts';
import type { PathUse } from '../uses/path-uses.ts';
import { placeExpression, type TextEdit } from './location-rewrite.ts';

export interface ClimbingPathsOptions {
  readonly outline: ModuleOutline;
  readonly evaluator: PathEvaluator;
  readonly projectDirectory: string;
  readonly placeOf: (file: string) => string;
}

/**
 * Replaces paths that the artifact does not have as they are written. The artifact has the
 * project's files at their places, but not the directories between: `__dirname + '/../../lib/x'`
 * needs a directory for `__dirname`. Above the project, directories have no names in the artifact.
 *
 * Of a path that is known only in part, the known start is replaced.
 */
export function climbingPathEdits(
  uses: readonly PathUse[],
  options: ClimbingPathsOptions,
): readonly TextEdit[] {
  return uses.flatMap((use) => editsOf(use, options));
}

function editsOf(use: PathUse, options: ClimbingPathsOptions): readonly TextEdit[] {
  const { node, text, isOnly } = use;
  if (text === undefined || !use.certain || !isComposed(node)) return [];
  if (isOnly && !text.text.includes(hole)) {
    if (!needsPlace(text, use.path, options)) return [];
    const place = placed(use.path, text.form, options);
    return [{ start: node.start, end: node.end, text: place }];
  }
  if (!text.located) return [];
  switch (node.type) {
    case 'CallExpression':
      return startOfCall(node, options);
    case 'TemplateLiteral':
      return startOfTemplate(node, options);
    case 'BinaryExpression':
      return startOfSum(node, options);
    default:
      return [];
  }
}

function isComposed(node: TreeNode): boolean {
  return /^(?:Literal|TemplateLiteral|BinaryExpression|CallExpression|NewExpression)$/.test(
    node.type,
  );
}

/** Whether the path leads elsewhere in the artifact than in the project. */
function needsPlace(
  text: PathText,
  absolute: string,
  { outline, projectDirectory }: ClimbingPathsOptions,
): boolean {
  return (
    (text.located && (text.climbs || text.above)) ||
    isAbove(absolute, projectDirectory) ||
    (text.located && isAbove(outline.file, projectDirectory))
  );
}

function isAbove(file: string, projectDirectory: string): boolean {
  return file !== projectDirectory && !file.startsWith(projectDirectory + path.sep);
}

function placed(file: string, form: PathText['form'], { placeOf }: ClimbingPathsOptions): string {
  const place = placeOf(file);
  return placeExpression(file.endsWith('/') && place !== '' ? `${place}/` : place, form);
}

/** Replaces the arguments of `path.join(…)` that are known, up to the first that is not. */
function startOfCall(node: TreeNode, options: ClimbingPathsOptions): readonly TextEdit[] {
  const { evaluator, outline, projectDirectory } = options;
  const name = isNodeOfType(node['callee'], 'MemberExpression')
    ? propertyKey(node['callee'])
    : undefined;
  const isResolve = (name ?? outline.source.slice(node.start, node.end)).startsWith('resolve');
  const passed = argumentsOf(node).filter(isNode);
  const pieces = passed.map((argument) => evaluator.evaluate(argument, outline));
  for (let count = passed.length - 1; count > 0; count -= 1) {
    const start = joined(pieces.slice(0, count), isResolve ? projectDirectory : undefined);
    const [known] = start;
    const [first, last] = [passed[0], passed[count - 1]];
    if (start.length !== 1 || known === undefined || first === undefined || last === undefined) {
      continue;
    }
    if (!known.located || known.text.includes(hole)) continue;
    const climbing = {
      ...known,
      climbs: pieces
        .slice(0, count)
        .flat()
        .some((one) => one.kind === 'text' && one.climbs),
    };
    return needsPlace(climbing, known.text, options)
      ? [{ start: first.start, end: last.end, text: placed(known.text, 'path', options) }]
      : [];
  }
  return [];
}

function startOfTemplate(node: TreeNode, options: ClimbingPathsOptions): readonly TextEdit[] {
  const { evaluator, outline } = options;
  const quasis: readonly unknown[] = Array.isArray(node['quasis']) ? node['quasis'] : [];
  const inserted = Array.isArray(node['expressions']) ? node['expressions'].filter(isNode) : [];
  const pieces: (readonly PathValue[])[] = [];
  for (const [index, quasi] of quasis.entries()) {
    pieces.push([plainText(cookedText(quasi) ?? '')]);
    const expression = inserted[index];
    if (expression === undefined) return [];
    const values = evaluator.evaluate(expression, outline);
    if (isKnown(values)) {
      pieces.push(values);
      continue;
    }
    const start = knownStart(concatenated(pieces), options);
    if (start === undefined) return [];
    const end = outline.source.lastIndexOf('${', expression.start);
    return [{ start: node.start + 1, end, text: `\${${start.directory}}${start.rest}` }];
  }
  return [];
}

function startOfSum(node: TreeNode, options: ClimbingPathsOptions): readonly TextEdit[] {
  const { evaluator, outline } = options;
  const leaves = summandsOf(node);
  const values = leaves.map((leaf) => evaluator.evaluate(leaf, outline));
  const count = values.findIndex((value) => !isKnown(value));
  const [first, last] = [leaves[0], leaves[count - 1]];
  if (first === undefined || last === undefined) return [];
  const start = knownStart(concatenated(values.slice(0, count)), options);
  if (start === undefined) return [];
  const text = `${start.directory} + ${JSON.stringify(start.rest)}`;
  return [{ start: first.start, end: last.end, text }];
}

function summandsOf(node: TreeNode): readonly TreeNode[] {
  const { left, right } = node;
  if (!isNodeOfType(node, 'BinaryExpression') || !isNode(left) || !isNode(right)) return [node];
  return [...summandsOf(left), right];
}

function isKnown(values: readonly PathValue[]): boolean {
  const [only] = values;
  return values.length === 1 && only?.kind === 'text' && !only.text.includes(hole);
}

/** Splits the known start of a path into an expression for its directory and the rest of the text. */
function knownStart(
  starts: readonly PathText[],
  options: ClimbingPathsOptions,
): { readonly directory: string; readonly rest: string } | undefined {
  const [start] = starts;
  if (start === undefined || starts.length !== 1 || !start.located) return undefined;
  const slash = start.text.lastIndexOf('/');
  const directory = path.posix.normalize(start.text.slice(0, slash) || '/');
  if (!needsPlace(start, directory, options)) return undefined;
  const form = start.form === 'path' ? 'path' : 'href';
  return { directory: placed(directory, form, options), rest: start.text.slice(slash) };
}
