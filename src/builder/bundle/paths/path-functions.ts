import path from 'node:path';
import {
  concatenated,
  hole,
  joined,
  locatedPath,
  plainText,
  type PathText,
  type PathValue,
} from './path-value.ts';

type Pieces = readonly (readonly PathValue[])[];
type Member = Extract<PathValue, { readonly kind: 'member' }>;

const nothing: readonly PathValue[] = [];

/** Returns the name of a member: `readFile` of `fs.promises.readFile`; `default` counts for nothing. */
export function lastNameOf({ names }: Member): string | undefined {
  return names.at(-1) === 'default' ? names.at(-2) : names.at(-1);
}

/** Names of functions that make a path of other paths, in `node:path` and packages like it. */
const pathFunctions = new Set([
  'join',
  'resolve',
  'normalize',
  'dirname',
  'fileURLToPath',
  'pathToFileURL',
  'toNamespacedPath',
  'joinPaths',
]);

/** Whether a call of this member makes a path of its arguments. */
export function makesPath(member: Member): boolean {
  return (
    pathFunctions.has(lastNameOf(member) ?? '') && !/^(?:node:)?process$/.test(member.specifier)
  );
}

/** Whether a call of this member only looks at the text of a path. */
export function onlyReadsText(member: Member): boolean {
  return ['basename', 'extname', 'relative', 'parse', 'isAbsolute', 'matchesGlob'].includes(
    lastNameOf(member) ?? '',
  );
}

/** Returns the result of calling a function of a module that is not local. */
export function callOfMember(
  member: Member,
  pieces: Pieces,
  projectDirectory: string,
): readonly PathValue[] {
  const [first = nothing] = pieces;
  const isProcess = /^(?:node:)?process$/.test(member.specifier);
  switch (lastNameOf(member)) {
    case 'cwd':
      return isProcess ? [locatedPath(projectDirectory)] : nothing;
    case 'join':
    case 'joinPaths':
      return pieces.length === 0 ? nothing : joined(pieces);
    case 'resolve':
      return joined(pieces, projectDirectory);
    case 'dirname':
      return textsIn(first).map((one) => changed(one, { text: path.posix.dirname(one.text) }));
    case 'basename':
      return textsIn(first).map((one) => plainText(path.posix.basename(one.text)));
    case 'normalize':
    case 'toNamespacedPath':
      return textsIn(first).map((one) =>
        changed(one, { text: path.posix.normalize(one.text), climbs: false }),
      );
    case 'fileURLToPath':
      return textsIn(first).map((one) => changed(one, { form: 'path' }));
    case 'pathToFileURL':
      return textsIn(first)
        .flatMap((one) => (one.located ? [one] : joined([[one]], projectDirectory)))
        .map((one) => changed(one, { form: 'url' }));
    case 'createRequire':
    case 'createRequireFromPath':
      return textsIn(first)
        .filter(({ text }) => !text.includes(hole))
        .map(({ text }) => ({ kind: 'loader', from: text.endsWith('/') ? `${text}x` : text }));
    case 'promisify':
    case 'callbackify':
    case 'realpathSync':
    case 'realpath':
      return first;
    case undefined:
    default:
      return nothing;
  }
}

function changed(text: PathText, changes: Partial<PathText>): PathText {
  return { ...text, ...changes };
}

export function textsIn(values: readonly PathValue[]): readonly PathText[] {
  return values.filter((value) => value.kind === 'text');
}

/** Returns the properties of texts and URLs that are the same path in another form. */
export function memberOfText(value: PathText, name: string): readonly PathValue[] {
  switch (name) {
    case 'href':
      return value.form === 'url' ? [{ ...value, form: 'href' }] : nothing;
    case 'pathname':
      return value.form === 'url' ? [{ ...value, form: 'path' }] : nothing;
    default:
      return nothing;
  }
}

/** Whether a method of this name returns the text itself, or the text with more after it. */
export function keepsText(method: string): boolean {
  return ['toString', 'trim', 'valueOf', 'concat', 'replace', 'join'].includes(method);
}

/** Returns the text of an array's items with a separator between them. */
export function joinedBy(separator: readonly PathValue[], items: Pieces): readonly PathValue[] {
  if (items.length === 0) return nothing;
  return concatenated(items.flatMap((item, index) => (index === 0 ? [item] : [separator, item])));
}

/** Returns the result of a method of texts: `toString()`, `concat(…)`, `replace('file://', '')`. */
export function callOfText(
  method: string,
  values: readonly PathValue[],
  pieces: () => Pieces,
): readonly PathValue[] {
  const texts = textsIn(values);
  return method === 'concat' && texts.length > 0 ? concatenated([texts, ...pieces()]) : texts;
}

/**
 * Returns the results of `require.resolve` and `import.meta.resolve` for files of the project.
 *
 * @param localFile Returns the file that a specifier names
 */
export function resolvedPaths(
  specifiers: readonly PathValue[],
  { from, form }: Extract<PathValue, { kind: 'resolver' }>,
  localFile: (specifier: string) => string | undefined,
): readonly PathValue[] {
  return textsIn(specifiers).flatMap(({ text }) => {
    const file = localFile(text);
    const isRelative = /^\.{0,2}\//.test(text);
    if (!isRelative && (file === undefined || !text.startsWith('#'))) return nothing;
    return [locatedPath(file ?? path.resolve(path.dirname(from), text), form)];
  });
}

/** Returns the values of `new URL(text)` for texts of URLs. */
export function absoluteUrls(texts: readonly PathValue[]): readonly PathValue[] {
  return textsIn(texts)
    .filter(({ form }) => form !== 'path')
    .map((text) => changed(text, { form: 'url' }));
}

/** Returns the values of `new URL(relative, base)`, if the base is a file. */
export function resolvedUrl(
  relatives: readonly PathValue[],
  bases: readonly PathValue[],
): readonly PathValue[] {
  const choices = textsIn(relatives).length === 0 ? [plainText(hole)] : textsIn(relatives);
  return textsIn(bases)
    .filter(({ form, located }) => located && form !== 'path')
    .flatMap((base) =>
      choices.map((relative): PathText => {
        if (relative.located) return changed(relative, { form: 'url' });
        const directory = base.text.endsWith('/') ? base.text : path.posix.dirname(base.text);
        const text = path.posix.resolve(directory, decoded(relative.text.replace(/[?#].*$/, '')));
        const slash = /(?:^|\/)\.{0,2}$/.test(relative.text) ? '/' : '';
        return locatedPath(text === '/' ? text : text + slash, 'url');
      }),
    );
}

/** A URL has percent signs where a path has other characters. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
