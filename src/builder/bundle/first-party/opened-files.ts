import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { locate } from '../../../diagnostic/locate.ts';
import type { Exclusion } from '../copied-files/exclusion.ts';
import { isEnvironmentFile, isPrivateFile } from '../copied-files/private-file.ts';
import type { ProjectFiles } from '../copied-files/project-files.ts';
import { installedRoot } from '../packages/installed-root.ts';
import { isCode } from '../syntax/code-file.ts';
import type { FirstPartyFile } from './first-party-file.ts';
import type { PathUse } from './uses/path-uses.ts';
import { filesFoundByPackage, filesOfUse, type UsedFiles } from './uses/used-files.ts';

/** Files that first-party code opens at run time. Absolute and sorted. */
export interface OpenedFiles {
  /** Files that are copied into the artifact unchanged: file → why, for people. */
  readonly copied: ReadonlyMap<string, string>;
  /**
   * Modules that are loaded by path (workers, child processes). Each becomes a bundle of its own,
   * at its own place in the artifact: file → how sure it is that the file is loaded.
   */
  readonly modules: ReadonlyMap<string, ModuleCertainty>;
  /** Those of these modules that run in a thread or a process of their own. */
  readonly isolated: ReadonlySet<string>;
  /** Paths that were looked for, and directories whose files were listed. */
  readonly lookedFor: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** `named`: the code loads this file. `possible`: the file is where the code loads modules. */
export type ModuleCertainty = 'named' | 'possible';

/** A path, relative to the project, that a file of a package looks for. */
export interface PackagePath {
  readonly file: string;
  readonly path: string;
}

export interface OpenedFilesRequest {
  readonly files: readonly FirstPartyFile[];
  /** Files that are in the bundle already. */
  readonly bundled: ReadonlySet<string>;
  readonly projectDirectory: string;
  readonly projectFiles: ProjectFiles;
  /** Absolute. Nothing below it comes from the author. */
  readonly outputDirectory: string | undefined;
  /** Paths that packages look for in the working directory. */
  readonly foundByPackages: readonly PackagePath[];
  /** What the author excludes from the artifact. */
  readonly exclusion: Exclusion;
  /** Code that is copied unchanged, because it cannot be bundled. */
  readonly plain: ReadonlySet<string>;
}

/** Finds the files that first-party code names by path, and the modules that it loads by path. */
export function findOpenedFiles(request: OpenedFilesRequest): OpenedFiles {
  const collection = new OpenedFilesCollection(request);
  for (const file of request.files) {
    for (const use of file.uses) collection.add(use, file);
  }
  for (const found of request.foundByPackages) collection.addFound(found);
  return collection.result();
}

class OpenedFilesCollection {
  readonly warnings: Diagnostic[] = [];
  readonly #request: OpenedFilesRequest;
  readonly #copied = new Map<string, string>();
  readonly #modules = new Map<string, ModuleCertainty>();
  readonly #inThread = new Set<string>();
  readonly #lookedFor = new Set<string>();

  constructor(request: OpenedFilesRequest) {
    this.#request = request;
  }

  result(): OpenedFiles {
    for (const file of this.#modules.keys()) this.#copied.delete(file);
    return {
      copied: sorted(this.#copied),
      modules: sorted(this.#modules),
      isolated: new Set([...this.#modules.keys()].filter((file) => !this.#inThread.has(file))),
      lookedFor: [...this.#lookedFor].toSorted(),
      warnings: this.warnings,
    };
  }

  /** Adds the files that a use means; returns whether there are any. */
  add(use: PathUse, by: FirstPartyFile): boolean {
    const used = filesOfUse(use, by.file, this.#request);
    if (use.kind === 'read' || use.kind === 'load') this.#lookedFor.add(pathBeforeHoles(use.path));
    if (used === undefined) return false;
    if (used.directory !== undefined) this.#lookedFor.add(used.directory);
    if (!used.fits) {
      this.warnings.push(directoryLeftOut(use, used, by));
      return true;
    }
    for (const file of used.files) this.#addFile(file, use, used, by);
    return used.files.length > 0;
  }

  /** Adds a directory of the project that a package finds by itself, such as `config`. */
  addFound({ file, path: relative }: PackagePath): void {
    const directory = path.join(this.#request.projectDirectory, relative);
    const found = filesFoundByPackage(directory, this.#request);
    if (found.length === 0) return;
    this.#lookedFor.add(directory);
    const reason = `${relative}, where ${importNameOf(file)} looks`;
    for (const one of found) {
      if (this.#request.exclusion.hasFile(one) || isPrivateFile(one)) continue;
      if (isCode(one) && !/\.d\.[cm]?ts$/.test(one) && !this.#request.plain.has(one)) {
        if (this.#request.bundled.has(one) && !this.#modules.has(one)) continue;
        this.#inThread.add(one);
        if (!this.#modules.has(one)) this.#modules.set(one, 'possible');
      } else if (!this.#copied.has(one)) {
        this.#copied.set(one, reason);
      }
    }
  }

  #addFile(file: string, use: PathUse, { directory }: UsedFiles, by: FirstPartyFile): void {
    const isNamed = directory === undefined;
    if (this.#request.exclusion.hasFile(file)) return;
    if (isPrivateFile(file)) {
      const isRead = isNamed && use.kind === 'read';
      if (isRead) this.#copied.set(file, reasonOf(use, by));
      if (isRead || (isNamed && use.certain && !isEnvironmentFile(file))) {
        this.warnings.push(privateFile(file, isRead, use, by));
      }
      return;
    }
    if (this.#request.plain.has(file) || !isModule(file, use, isNamed, by)) {
      if (!this.#copied.has(file)) this.#copied.set(file, reasonOf(use, by));
      return;
    }
    if (this.#request.bundled.has(file) && use.kind !== 'load') return;
    if (!use.isolated) this.#inThread.add(file);
    const certainty = use.kind === 'load' && isNamed ? 'named' : 'possible';
    if (this.#modules.get(file) !== 'named') this.#modules.set(file, certainty);
  }
}

/** Whether a file of the project runs as a module, and is not opened as text. */
function isModule(file: string, use: PathUse, isNamed: boolean, by: FirstPartyFile): boolean {
  if (!isCode(file) || /\.d\.[cm]?ts$/.test(file) || installedRoot(file) !== undefined) {
    return false;
  }
  if (use.kind === 'load') return true;
  if (use.kind === 'read') return !isNamed && by.loadsUnknown;
  return isNamed || !/\.(?:test|spec)\.[cm]?[jt]sx?$/.test(file);
}

/** The name of the package that a file belongs to, for people. */
function importNameOf(file: string): string {
  return installedRoot(file)?.split(`${path.sep}node_modules${path.sep}`).at(-1) ?? file;
}

function sorted<Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  return new Map([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function pathBeforeHoles(text: string): string {
  const end = text.indexOf('\0');
  return path
    .normalize(end === -1 ? text : path.dirname(text.slice(0, end + 1)))
    .replace(/(?<=.)\/$/, '');
}

function reasonOf(use: PathUse, { file, outline }: FirstPartyFile): string {
  const { line } = locate(file, outline.source, use.node.start, use.node.end);
  return `${use.kind === 'read' ? 'read' : 'named'} in ${path.basename(file)}:${line}`;
}

function directoryLeftOut(
  { node }: PathUse,
  { directory = '' }: UsedFiles,
  { file, outline }: FirstPartyFile,
): Diagnostic {
  return {
    severity: 'warning',
    code: 'DIRECTORY_LEFT_OUT',
    message:
      `The directory ${path.basename(directory)} has more files, or more bytes, than are put into ` +
      `an artifact without being listed, so the function will not find them.`,
    hint: 'List the files that the function needs in includedFiles.',
    location: locate(file, outline.source, node.start, node.end),
  };
}

function privateFile(
  secret: string,
  isIncluded: boolean,
  { node }: PathUse,
  { file, outline }: FirstPartyFile,
): Diagnostic {
  const name = path.basename(secret);
  return {
    severity: 'warning',
    code: 'PRIVATE_FILE',
    message: isIncluded
      ? `This line reads ${name}, so the artifact contains its secrets in plain text.`
      : `${name} seems to have secrets, so it is not in the artifact.`,
    hint: isIncluded
      ? 'Put the secrets into environment variables, and read the file only where there is one.'
      : 'Put the secret into an environment variable, or list the file in includedFiles.',
    location: locate(file, outline.source, node.start, node.end),
  };
}
