import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isCode } from '../syntax/code-file.ts';
import type { Exclusion } from './exclusion.ts';
import { isPrivateFile } from './private-file.ts';
import type { ProjectFiles } from './project-files.ts';

/** Formats in which a file names other files that are read with it. */
const linkingFormat =
  /\.(?:ejs|eta|pug|jade|hbs|handlebars|mustache|html?|xhtml|njk|nunjucks|liquid|twig|mjml|css|scss|sass|less|styl|proto|json|json5|ya?ml|graphql|gql|xml|xsd|xslt?|svg|mdx?|sql)$/i;
const maxTextBytes = 1024 * 1024;
/** More files than these are not followed. */
const maxFiles = 500;

/**
 * Returns the files that copied files name, and the files that those name: includes and layouts of
 * templates, imports of style sheets and of protocol buffers, references of schemas. A name is
 * looked for in the directory of the file that names it, and in the directories above it up to the
 * one of the file that the code names. A path in data may also start in the project's directory.
 *
 * @param files The files that the code names; absolute
 * @returns Absolute file → the file that names it
 */
export function filesNamedByText(
  files: Iterable<string>,
  { projectFiles, exclusion, projectDirectory }: NamingScope,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const known = new Set(files);
  const queue = [...known].map((file) => ({ file, root: path.dirname(file) }));
  for (const { file, root } of queue) {
    if (found.size >= maxFiles) break;
    for (const name of namesIn(file)) {
      const named =
        findNamed(name, file, root, projectFiles) ??
        findInProject(name, file, projectDirectory, projectFiles);
      if (named === undefined || known.has(named)) continue;
      if (exclusion.hasFile(named) || isPrivateFile(named)) continue;
      known.add(named);
      found.set(named, file);
      queue.push({ file: named, root: commonDirectory(root, named) });
    }
  }
  return found;
}

export interface NamingScope {
  readonly projectFiles: ProjectFiles;
  readonly exclusion: Exclusion;
  readonly projectDirectory: string;
}

/** The names of files in a text, each as it is written and with the extensions it can stand for. */
function namesIn(file: string): ReadonlySet<string> {
  const names = new Set<string>();
  if (!linkingFormat.test(file) || statSync(file).size > maxTextBytes) return names;
  if (/^(?:package(?:-lock)?|[jt]sconfig.*)\.json$/.test(path.basename(file))) return names;
  const text = readFileSync(file, 'utf8');
  const ownExtension = path.extname(file);
  const written = isData(file) ? wholeValues : anyToken;
  for (const { 1: token = '' } of text.matchAll(written)) {
    if (/[./]/.test(token)) names.add(token);
  }
  for (const { 1: token = '' } of text.matchAll(includedName)) {
    for (const name of withExtension(token, ownExtension)) names.add(name);
  }
  return names;
}

/** `"$ref": "address.json#/street"`, `$ref: ./address.yml` */
const wholeValues = /[:[,(]\s*["']?((?:\.{0,2}\/)?[\w@.][\w@.\-/]*\.\w+)(?=#|["'\s,}\])]|$)/g;
/** Any text with the form of a path. */
const anyToken = /(?<![\w@.\-/:])((?:\.{0,2}\/)?[\w@.][\w@.\-/]*)/g;
/** `include('header')`, `extends ../layout`, `{{> card}}`, `@use 'colors'`, `!include part.yml` */
const includedName =
  /(?:\b(?:include|extends|layout|render|import|use|forward|partial|embed|from)\b|\{\{~?#?>)\s*\(?\s*["'`]?((?:\.{0,2}\/)?[\w@.][\w@.\-/]*)/g;

function withExtension(name: string, extension: string): readonly string[] {
  const { dir, base } = path.posix.parse(name);
  const partial = path.posix.join(dir, `_${base}`);
  return [name, name + extension, partial, partial + extension];
}

function findNamed(
  name: string,
  by: string,
  root: string,
  projectFiles: ProjectFiles,
): string | undefined {
  const relative = name.replace(/^\//, '').replace(/[.]$/, '');
  for (let directory = path.dirname(by); ; directory = path.dirname(directory)) {
    const place = path.join(directory, relative);
    const isInside = place.startsWith(path.dirname(root) + path.sep);
    const isThere = projectFiles.namesIn(path.dirname(place)).has(path.basename(place));
    if (isInside && isThere && projectFiles.kindOf(place) === 'file') return place;
    if (directory === root || !directory.startsWith(root)) return undefined;
  }
}

/** Finds a file of data or text by its path from the project's directory. */
function findInProject(
  name: string,
  by: string,
  projectDirectory: string,
  projectFiles: ProjectFiles,
): string | undefined {
  if (!isData(by) || !/^(?:\.\/)?[^./][^/]*\//.test(name) || isCode(name)) return undefined;
  const place = path.join(projectDirectory, name);
  const isOwn = !/(?:^|\/)(?:\.[^/]+|node_modules)\//.test(name);
  return isOwn && projectFiles.kindOf(place) === 'file' ? place : undefined;
}

export function isData(file: string): boolean {
  return /\.(?:json5?|ya?ml)$/i.test(file);
}

/** The nearest directory that contains a directory and a file. */
function commonDirectory(directory: string, file: string): string {
  let common = directory;
  while (!file.startsWith(common + path.sep)) common = path.dirname(common);
  return common;
}
