import path from 'node:path';
import type { TreeNode } from '../syntax/syntax-tree.ts';
import type { Declaration } from './declarations.ts';
import type { ModuleOutline } from './module-outline.ts';

/** Stands in a text for a part that is known only at run time. */
export const hole = '\0';

/** A text that the code may use as a path, or as a part of one. */
export interface PathText {
  readonly kind: 'text';
  /** An absolute text is the path in the project, and not the one at run time. */
  readonly text: string;
  /** Whether the code has a path, a `URL` or the text of a URL. */
  readonly form: 'path' | 'url' | 'href';
  /** Whether the path starts from the place of a module or from the working directory. */
  readonly located: boolean;
  /** Whether the text is a path for sure: it is located, or a function of `node:path` made it. */
  readonly isPath: boolean;
  /**
   * Whether the path goes up with `..` in the text itself, so that the file system follows each
   * directory in it: all of them have to exist.
   */
  readonly climbs: boolean;
  /** Whether the path leads above the project, where directories have other names in the artifact. */
  readonly above: boolean;
}

/** Values for the parameters of the functions whose results are being evaluated. */
export type BoundParameters = ReadonlyMap<Declaration, readonly PathValue[]>;

/** The possible value of an expression, as far as it can lead to a path. */
export type PathValue =
  | PathText
  /** A module that is not local, or a member of it: `fs` and `['promises', 'readFile']`. */
  | { readonly kind: 'member'; readonly specifier: string; readonly names: readonly string[] }
  /** All exports of a local module. */
  | { readonly kind: 'namespace'; readonly module: ModuleOutline }
  /** `import.meta` of a module. */
  | { readonly kind: 'meta'; readonly module: ModuleOutline }
  /** A `require` that loads on behalf of a file. */
  | { readonly kind: 'loader'; readonly from: string }
  /** `require.resolve` or `import.meta.resolve`. */
  | { readonly kind: 'resolver'; readonly from: string; readonly form: 'path' | 'href' }
  /** An array, an object, a function or a class. */
  | {
      readonly kind: 'code';
      readonly node: TreeNode;
      readonly module: ModuleOutline;
      readonly bound: BoundParameters;
    };

export function plainText(text: string): PathText {
  return {
    kind: 'text',
    text,
    form: 'path',
    located: false,
    isPath: false,
    climbs: false,
    above: false,
  };
}

export function locatedPath(text: string, form: PathText['form'] = 'path'): PathText {
  return { kind: 'text', text, form, located: true, isPath: true, climbs: false, above: false };
}

/** Notes of the paths that lead above the project that they do. */
export function markedAbove(
  values: readonly PathValue[],
  projectDirectory: string,
): readonly PathValue[] {
  const isAbove = (value: PathValue): value is PathText =>
    value.kind === 'text' &&
    value.located &&
    !value.above &&
    value.text !== projectDirectory &&
    !value.text.startsWith(`${projectDirectory}/`);
  return values.some(isAbove)
    ? values.map((value) => (isAbove(value) ? { ...value, above: true } : value))
    : values;
}

/** More combinations than these are not looked at. */
export const maxChoices = 16;
/** Ends the evaluation of expressions that depend on themselves. */
export const maxDepth = 40;
/** Ends the evaluation of a variable that code changes many times from its own value. */
export const maxSteps = 4000;

/** Joins the choices for each piece of a text. A piece without choices is known only at run time. */
export function concatenated(pieces: readonly (readonly PathValue[])[]): readonly PathText[] {
  return combinationsOf(pieces).map((texts) => {
    const first = texts.find((one) => one.text !== '');
    const text = texts.map((one) => one.text).join('');
    return {
      kind: 'text',
      text,
      form: first?.form === 'url' ? 'href' : (first?.form ?? 'path'),
      located: first?.located ?? false,
      isPath: first?.isPath ?? false,
      climbs: texts.some(({ climbs }) => climbs) || /(?:^|\/)\.\.(?:\/|$)/.test(text),
      above: texts.some(({ above }) => above),
    };
  });
}

/** The result of `path.join`, or of `path.resolve` if there is a directory to start from. */
export function joined(
  pieces: readonly (readonly PathValue[])[],
  startDirectory?: string,
): readonly PathText[] {
  return combinationsOf(pieces).map((texts) => {
    if (startDirectory === undefined) {
      const located = texts[0]?.located ?? false;
      const text = path.posix.join(...texts.map((one) => one.text));
      return madePath(text, located, texts);
    }
    const absolute = texts.findLast((one) => one.text.startsWith('/'));
    if (absolute === undefined && texts[0]?.text.startsWith(hole) === true) {
      // The unknown directory need not be the working directory.
      return plainText(path.posix.join(...texts.map((one) => one.text)));
    }
    const text = path.posix.resolve(startDirectory, ...texts.map((one) => one.text));
    return madePath(text, absolute?.located ?? true, texts);
  });
}

function madePath(text: string, located: boolean, pieces: readonly PathText[]): PathText {
  const above = pieces.some((piece) => piece.above);
  return { ...plainText(text), located, isPath: true, above };
}

/** Every combination of one text for each piece. */
function combinationsOf(
  pieces: readonly (readonly PathValue[])[],
): readonly (readonly PathText[])[] {
  let combinations: readonly (readonly PathText[])[] = [[]];
  for (const piece of pieces) {
    const texts = piece.filter((value) => value.kind === 'text');
    const choices = texts.length === 0 ? [plainText(hole)] : texts;
    combinations = combinations
      .flatMap((before) => choices.map((choice) => before.concat(choice)))
      .slice(0, maxChoices);
  }
  return combinations;
}

/** Where an expression stands, and what is known there. */
export interface Scope {
  readonly module: ModuleOutline;
  readonly bound: BoundParameters;
  /** Number of expressions around this one. */
  readonly depth: number;
}
