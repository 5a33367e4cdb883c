import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { ModuleOutline, PlacedExpression, Position } from '../../paths/module-outline.ts';
import type { PathEvaluator } from '../../paths/path-evaluator.ts';
import { lastNameOf, makesPath, onlyReadsText } from '../../paths/path-functions.ts';
import { hole, locatedPath, type PathText, type PathValue } from '../../paths/path-value.ts';
import { isCode } from '../../syntax/code-file.ts';
import { calleeName, isNodeOfType, type TreeNode } from '../../syntax/syntax-tree.ts';
import {
  isDirectoryKey,
  isGivenPath,
  isPathKey,
  loadsModule,
  namesModule,
  meansOtherThings,
  readsPath,
  takesDirectories,
} from './path-positions.ts';

/**
 * What the code does with a path:
 *
 * - `load`: runs the file as a module (`import()`, `new Worker`, `fork`)
 * - `read`: opens it with a function of the file system
 * - `given`: hands it to other code
 * - `noted`: keeps it (in a variable, an array, an export)
 */
export type PathUseKind = 'load' | 'read' | 'given' | 'noted';

/** A place where first-party code uses a path. */
export interface PathUse {
  /** Absolute in the project; a hole stands for each part that is known only at run time. */
  readonly path: string;
  readonly kind: PathUseKind;
  /** Whether the text is a path for sure. Of any other text, only an existing file shows that. */
  readonly certain: boolean;
  /** Whether a directory at this path is meant with its files, and not only as a part of paths. */
  readonly takesDirectory: boolean;
  /** Whether a module at this path runs in a thread or a process of its own. */
  readonly isolated: boolean;
  /** The whole expression. */
  readonly node: TreeNode;
  /** The value of the expression that leads to the path; undefined for a module that is loaded. */
  readonly text: PathText | undefined;
  /** Whether the expression has no other value. */
  readonly isOnly: boolean;
}

/** Finds the paths in the expressions of a module. */
export function pathUsesIn(
  outline: ModuleOutline,
  evaluator: PathEvaluator,
  projectDirectory: string,
): readonly PathUse[] {
  return outline.expressions.flatMap((placed) => {
    const values = evaluator
      .evaluate(placed.node, outline)
      .filter((value) => value.kind === 'text')
      .map((text) => asTarget(text, placed.position, outline, evaluator));
    const texts = preciseTexts(values, outline.file, projectDirectory);
    if (texts.length === 0) return [];
    const judge = judgeOf(placed, outline, evaluator);
    if (judge === undefined) return [];
    return texts.flatMap((text) => {
      const judged = judge(text);
      return judged === undefined || text.text.startsWith(hole)
        ? []
        : [
            {
              isolated: false,
              ...judged,
              path: absolutePath(text.text, projectDirectory),
              certain: judged.kind === 'read' || judged.kind === 'load' || text.isPath,
              node: placed.node,
              text,
              isOnly: values.length === 1,
            },
          ];
    });
  });
}

/**
 * The `target` of an option that begins with a dot is a module beside the module that names it, as
 * transports of loggers are. The place of such a module is put in.
 */
function asTarget(
  text: PathText,
  position: Position,
  { file }: ModuleOutline,
  evaluator: PathEvaluator,
): PathText {
  if (position.kind !== 'property' || position.key !== 'target') return text;
  if (text.located || !/^\.{1,2}\//.test(text.text)) return text;
  const target = evaluator.localFile(file, text.text);
  return target === undefined || !isCode(target) ? text : { ...locatedPath(target), climbs: true };
}

/**
 * Leaves out values with an unknown directory in the project's root, if there are others:
 * `path.resolve(process.env.MAILS ?? 'mails', name)` means `mails`, and not any directory.
 */
function preciseTexts(
  texts: readonly PathText[],
  file: string,
  projectDirectory: string,
): readonly PathText[] {
  if (texts.length < 2) return texts;
  const precise = texts.filter(({ text }) => {
    const [before = '', after] = absolutePath(text, projectDirectory).split(hole, 2);
    const isUnknownDirectory = before.endsWith('/') && after?.startsWith('/') === true;
    return (
      !isUnknownDirectory || ![file, `${projectDirectory}/x`].some((one) => one.startsWith(before))
    );
  });
  return precise.length === 0 ? texts : precise;
}

/** Keeps a slash at the end, which shows a directory. */
function absolutePath(text: string, projectDirectory: string): string {
  return path.posix.isAbsolute(text)
    ? path.posix.normalize(text)
    : path.posix.join(projectDirectory, text);
}

type Judged = Pick<PathUse, 'kind' | 'takesDirectory'> & Partial<Pick<PathUse, 'isolated'>>;

/** Returns how a text in this position is used as a path; undefined when it is no path there. */
function judgeOf(
  { position }: PlacedExpression,
  outline: ModuleOutline,
  evaluator: PathEvaluator,
): ((text: PathText) => Judged | undefined) | undefined {
  switch (position.kind) {
    case 'argument':
      return judgeOfArgument(position, evaluator.evaluate(position.call['callee'], outline));
    case 'property':
      return (text) => judgeOfProperty(position.key, text);
    case 'variable':
      return (text) => (text.isPath ? { kind: 'noted', takesDirectory: false } : undefined);
    case 'item':
      return judgeOfItem(
        position.call === undefined ? [] : evaluator.evaluate(position.call['callee'], outline),
        position.key,
      );
    case 'result':
      return (text) =>
        text.isPath || isPathLike(text)
          ? { kind: 'noted', takesDirectory: isClearlyPath(text) }
          : undefined;
  }
}

/** Judges an item of an array by the function or the property that gets the array. */
function judgeOfItem(
  callees: readonly PathValue[],
  key: string | undefined,
): (text: PathText) => Judged | undefined {
  const taker = callees.find((value) => value.kind === 'member');
  const takesWords = taker !== undefined && takesDirectories(lastNameOf(taker) ?? '');
  return (text) => {
    const isPath = text.isPath || isPathLike(text);
    if (taker === undefined) {
      const isDirectory = isDirectoryKey(key);
      return isPath || isDirectory
        ? { kind: 'noted', takesDirectory: isDirectory || isClearlyPath(text) }
        : undefined;
    }
    return isPath || takesWords
      ? { kind: 'given', takesDirectory: takesWords || text.isPath || text.text.includes('/') }
      : undefined;
  };
}

function judgeOfProperty(key: string | undefined, text: PathText): Judged | undefined {
  if (text.located && namesModule(key)) {
    return { kind: 'load', takesDirectory: true, isolated: true };
  }
  return text.isPath || isPathKey(key) || isPathLike(text)
    ? { kind: 'given', takesDirectory: isDirectoryKey(key) || isClearlyPath(text) }
    : undefined;
}

function judgeOfArgument(
  { call, index }: Extract<Position, { kind: 'argument' }>,
  callees: readonly PathValue[],
): ((text: PathText) => Judged | undefined) | undefined {
  const { callee } = call;
  const written = calleeName(callee);
  const member = callees.find((value) => value.kind === 'member');
  const name = (member && lastNameOf(member)) ?? written;
  const isPartOfPath =
    callees.some(({ kind }) => kind === 'loader' || kind === 'resolver') ||
    (member !== undefined && (makesPath(member) || onlyReadsText(member))) ||
    name === 'createRequire' ||
    name === 'URL' ||
    name === 'concat';
  if (isPartOfPath || name === undefined) return undefined;
  const isLocal = callees.some((value) => value.kind === 'code');
  // Whatever a helper function is called, its code shows what it does with its parameter.
  const kind: PathUseKind = isLocal
    ? 'given'
    : loadsModule(name)
      ? 'load'
      : readsPath(name, index)
        ? 'read'
        : 'given';
  const isKnown = member !== undefined && isBuiltin(member.specifier);
  const isNamed = isKnown || !meansOtherThings(name);
  const takesWords = member !== undefined && takesDirectories(name);
  const isNew = isNodeOfType(call, 'NewExpression');
  return (text) => {
    const isPath = text.isPath || isPathLike(text);
    if (kind !== 'given' && (isPath || isNamed)) {
      return { kind, takesDirectory: true, isolated: kind === 'load' };
    }
    if (takesWords) return { kind: 'given', takesDirectory: true };
    return text.isPath || (isPath && isGivenPath(name, callee))
      ? { kind, takesDirectory: isNew || text.isPath || text.text.includes('/') }
      : undefined;
  };
}

/** Whether a text has a slash or an extension, and is neither absolute nor a URL. */
function isPathLike({ text }: PathText): boolean {
  return /^(?!\/|[a-z][a-z+.-]*:)[^\n]{2,200}$/i.test(text) && /\/|\.[a-z0-9]+$/i.test(text);
}

/** Whether a text is a path, and not a name with a slash in it. */
function isClearlyPath({ text, isPath }: PathText): boolean {
  return isPath || /^\.{1,2}\//.test(text) || text.endsWith('/');
}
