import path from 'node:path';
import type { PathText } from '../../paths/path-value.ts';

/** A replacement of a part of a text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Returns an expression whose value is a place in the artifact. The banner (esbuild/banner.ts)
 * declares `__bgfnRoot` and `__bgfnPath`.
 */
export function placeExpression(place: string, form: PathText['form']): string {
  const text = JSON.stringify(encodeURI(place === '' ? '.' : place));
  switch (form) {
    case 'path':
      return `__bgfnPath(${text})`;
    case 'href':
      return `(__bgfnRoot + ${text})`;
    case 'url':
      return `new URL(${text}, __bgfnRoot)`;
  }
}

/** Returns an expression for a property of `import.meta` of a module at a place in the artifact. */
export function metaExpression(name: 'url' | 'dirname' | 'filename', place: string): string {
  switch (name) {
    case 'url':
      return placeExpression(place, 'href');
    case 'dirname':
      return placeExpression(path.posix.dirname(place), 'path');
    case 'filename':
      return placeExpression(place, 'path');
  }
}

/** Returns an object in place of `import.meta`, for code that keeps the object itself. */
export function metaObject(place: string): string {
  const url = metaExpression('url', place);
  const properties = [
    '__proto__: import.meta',
    `url: ${url}`,
    `dirname: ${metaExpression('dirname', place)}`,
    `filename: ${metaExpression('filename', place)}`,
    `resolve: (name) => /^\\.{0,2}\\//.test(name) ? new URL(name, ${url}).href : import.meta.resolve(name)`,
  ];
  return `({ ${properties.join(', ')} })`;
}

/**
 * Declares `__dirname` and `__filename` in front of a module's first statement. It is a `var`, on
 * the line of that statement: all lines keep their numbers, and a circular import that reads the
 * name too early does not throw.
 */
export function locationVariables(
  names: readonly string[],
  place: string,
  firstStatement: number,
): TextEdit {
  const declarations = names.map(
    (name) => `${name} = ${metaExpression(name === '__dirname' ? 'dirname' : 'filename', place)}`,
  );
  return {
    start: firstStatement,
    end: firstStatement,
    text: `var ${declarations.join(', ')}; `,
  };
}

/**
 * Applies edits to a text. An edit inside the range of another one is left out; of several edits of
 * one range the first counts. Undefined when there are no edits.
 */
export function editedText(source: string, edits: readonly TextEdit[]): string | undefined {
  if (edits.length === 0) return undefined;
  const applied: TextEdit[] = [];
  // The longest come first, so that an edit meets all edits that can contain it.
  for (const edit of edits.toSorted((a, b) => lengthOf(b) - lengthOf(a))) {
    const isInside = applied.some(({ start, end }) => start <= edit.start && edit.end <= end);
    if (!isInside || lengthOf(edit) === 0) applied.push(edit);
  }
  let text = source;
  for (const edit of applied.toSorted((a, b) => b.start - a.start)) {
    text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  }
  return text;
}

function lengthOf({ start, end }: TextEdit): number {
  return end - start;
}
