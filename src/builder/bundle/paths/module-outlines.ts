import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { localFileOf } from '../../discover/source-config/local-file.ts';
import { installedRoot } from '../packages/installed-root.ts';
import { isCode } from '../syntax/code-file.ts';
import { outlineOf, type ModuleOutline } from './module-outline.ts';
import { hole } from './path-value.ts';

/**
 * Remembers the outlines of first-party modules, so that a module which several functions use is
 * parsed and walked once.
 */
export class ModuleOutlines {
  readonly #byFile = new Map<string, ModuleOutline>();
  readonly #localFiles = new Map<string, string | undefined>();

  /** @param source The text of the file, if it has been read */
  get(file: string, source?: string): ModuleOutline {
    let outline = this.#byFile.get(file);
    if (outline === undefined) {
      outline = outlineOf(file, source ?? readFileSync(file, 'utf8'));
      this.#byFile.set(file, outline);
    }
    return outline;
  }

  /** Returns the first-party module that a specifier in a file names. */
  follow(from: string, specifier: string): ModuleOutline | undefined {
    const file = this.localFile(from, specifier);
    return file !== undefined && isCode(file) && installedRoot(file) === undefined
      ? this.get(file)
      : undefined;
  }

  /** Returns the local file that a specifier in a file names; undefined for a package. */
  localFile(from: string, specifier: string): string | undefined {
    if (isBuiltin(specifier) || specifier.includes(hole)) return undefined;
    const key = `${from}\0${specifier}`;
    if (this.#localFiles.has(key)) return this.#localFiles.get(key);
    const file = localFileOf(from, specifier);
    this.#localFiles.set(key, file);
    return file;
  }
}
