import path from 'node:path';
import type { ProjectFiles } from '../../copied-files/project-files.ts';
import { hole } from '../../paths/path-value.ts';
import { isCode } from '../../syntax/code-file.ts';
import type { PathUse } from './path-uses.ts';

/** The files that a path in the code means. */
export interface UsedFiles {
  /** False when a directory has too many files. */
  readonly fits: boolean;
  /** Absolute. */
  readonly files: readonly string[];
  /** The directory that was listed; undefined for a path of one file. */
  readonly directory: string | undefined;
}

export interface ProjectPlaces {
  readonly projectDirectory: string;
  readonly projectFiles: ProjectFiles;
  /** Files that are in the bundle already. */
  readonly bundled: ReadonlySet<string>;
  readonly outputDirectory: string | undefined;
}

/**
 * Files that describe the project to tools. A text with such a name mostly means a file of another
 * place.
 */
const projectFileName =
  /^(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-.*\.yaml|bun\.lockb?|[jt]sconfig.*\.json|netlify\.toml|.*\.config\.[cm]?[jt]s|Dockerfile|Makefile)$/;

/** Parts of a path that other code replaces: `{{lng}}`, `:name`, `%s`, `*`, `[name]`. */
const placeholder = /\{\{?[^{}/]*\}?\}|%[sdj]|(?<=\/):\w+|\*+|<\w+>|\$\{\w+\}/g;

/**
 * Returns the files that a path in a first-party file means; undefined when there are none.
 *
 * @param by The file that uses the path
 */
export function filesOfUse(use: PathUse, by: string, places: ProjectPlaces): UsedFiles | undefined {
  const { projectFiles } = places;
  const exact = use.path.replace(/(?<=.)\/$/, '');
  if (!exact.includes(hole)) {
    const kind = projectFiles.kindOf(exact);
    if (kind === 'file') {
      return isTaken(exact, use, places)
        ? { fits: true, files: [exact], directory: undefined }
        : undefined;
    }
    if (kind === 'directory') return wholeDirectory(exact, use, by, places);
  }
  // In a glob, `**/` also stands for no directory at all.
  const pattern = exact.replaceAll('**/', hole).replaceAll(placeholder, hole);
  return pattern.includes(hole) ? matchingFiles(pattern, use, by, places) : undefined;
}

/** Whether a file that a path names is meant. */
function isTaken(file: string, use: PathUse, places: ProjectPlaces): boolean {
  if (isGenerated(file, places)) return false;
  if (use.certain) return true;
  const { projectDirectory } = places;
  const isBelow = file.startsWith(projectDirectory + path.sep);
  return isBelow && !projectFileName.test(path.basename(file)) && !isHidden(file, projectDirectory);
}

function isHidden(file: string, projectDirectory: string): boolean {
  return path
    .relative(projectDirectory, file)
    .split(path.sep)
    .some((name) => /^\.[^.]/.test(name) || name === 'node_modules');
}

/** Whether a path is in the output of a build, or in a directory of Git's or of packages. */
function isGenerated(file: string, { outputDirectory }: ProjectPlaces): boolean {
  return (
    /[\\/](?:\.git|\.netlify)(?:[\\/]|$)/.test(file) ||
    file === outputDirectory ||
    (outputDirectory !== undefined && file.startsWith(outputDirectory + path.sep))
  );
}

/**
 * Directories in which packages look for what an author wrote for them. Of other directories that a
 * package names, nothing comes along: the code of the project has to name them.
 */
const conventionalDirectories =
  /^(?:configs?|views|templates|layouts|partials|e?mails|locales?|i18n|langs?|translations|messages|migrations|seeds|seeders|schemas|protos?|prisma|drizzle)(?:\/|$)/i;

/** Returns the files of a directory that a package looks for in the working directory. */
export function filesFoundByPackage(directory: string, places: ProjectPlaces): readonly string[] {
  const relative = path.relative(places.projectDirectory, directory);
  const isMeant =
    conventionalDirectories.test(relative) &&
    !isHidden(directory, places.projectDirectory) &&
    !isGenerated(directory, places) &&
    places.projectFiles.kindOf(directory) === 'directory';
  return isMeant ? listed(directory, undefined, places).files : [];
}

function wholeDirectory(
  directory: string,
  use: PathUse,
  by: string,
  places: ProjectPlaces,
): UsedFiles | undefined {
  const isOwn = directory === path.dirname(by);
  if (!use.takesDirectory || isGenerated(directory, places)) return undefined;
  if (isOwn && use.kind === 'read') {
    return listed(
      directory,
      { matches: (name) => name !== path.basename(by), maxDepth: 1 },
      places,
    );
  }
  if (isAround(directory, by, places) || path.basename(directory) === 'node_modules') {
    return undefined;
  }
  if (
    !use.certain &&
    (isHidden(directory, places.projectDirectory) || containsCode(directory, places))
  ) {
    return undefined;
  }
  const found = listed(directory, undefined, places);
  // A word such as `src` in an option mostly means something else than the sources.
  const isWord = !use.certain && use.text?.text.includes('/') === false;
  const isMeant = conventionalDirectories.test(path.basename(directory));
  return isWord && !isMeant && found.files.some((file) => isCode(file)) ? undefined : found;
}

/** Whether a directory contains the file that names it, or is the project or above it. */
function isAround(directory: string, by: string, { projectDirectory }: ProjectPlaces): boolean {
  return [by, `${projectDirectory}/x`].some((file) =>
    file.startsWith(directory === '/' ? '/' : `${directory}/`),
  );
}

/** Whether code of the function is in the directory: then a text with its name means the code. */
function containsCode(directory: string, { bundled }: ProjectPlaces): boolean {
  return [...bundled].some((file) => file.startsWith(directory + path.sep) && isCode(file));
}

/** Returns the files that a path with holes can mean. */
function matchingFiles(
  pattern: string,
  use: PathUse,
  by: string,
  places: ProjectPlaces,
): UsedFiles | undefined {
  const before = pattern.slice(0, pattern.indexOf(hole));
  const directory = path.posix.dirname(`${before}x`);
  const rest = pattern.slice(directory.length + 1);
  if (places.projectFiles.kindOf(directory) !== 'directory' || isGenerated(directory, places)) {
    return undefined;
  }
  if (
    !use.certain &&
    (isHidden(directory, places.projectDirectory) || containsCode(directory, places))
  ) {
    return undefined;
  }
  const isOpen = !isAround(directory, by, places);
  // A list of globs that no call gets mostly belongs to a tool: `['src/**', 'test/**']`.
  const isListed = use.kind === 'noted' && !use.certain && use.path.includes('*');
  const isAnything = rest.replaceAll(hole, '').replaceAll('/', '') === '';
  if (!isOpen && isAnything) {
    // `import(path.join(__dirname, name))` loads a neighbour.
    const loadsNeighbours = use.kind === 'load' && directory === path.dirname(by);
    if (!loadsNeighbours) return undefined;
    return listed(
      directory,
      { matches: (name) => isCode(name) && name !== path.basename(by), maxDepth: 1 },
      places,
    );
  }
  const any = isOpen ? String.raw`[\s\S]*` : '[^/]*';
  const expression = new RegExp(`^${rest.split(hole).map(escaped).join(any)}$`);
  const maxDepth = isOpen ? Number.POSITIVE_INFINITY : rest.split('/').length;
  const matches = (name: string): boolean =>
    (expression.test(name) && !(isListed && isCode(name))) ||
    (use.kind === 'load' && expression.test(name.replace(/\.[cm]?[jt]sx?$/, '')));
  return listed(directory, { matches, maxDepth }, places);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function listed(
  directory: string,
  filter: Parameters<ProjectFiles['filesBelow']>[1],
  places: ProjectPlaces,
): UsedFiles {
  const found = places.projectFiles.filesBelow(directory, filter);
  const files = found.fits ? found.files.filter((file) => !isGenerated(file, places)) : [];
  return { fits: found.fits, files, directory };
}
