import { readdirSync, statSync, watch, type FSWatcher, type Stats } from 'node:fs';
import path from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';

/**
 * A change is reported when nothing else has changed for this long: one save of an editor is
 * several events, and the cache trusts only files that are older than a tick of the file system.
 */
const quietMs = 30;

export interface DirectoryWatcherOptions {
  /** Absolute directories that are not watched, because the build itself writes them. */
  readonly ignored: readonly string[];
}

interface Watched {
  readonly watcher: FSWatcher;
  /** The directory that is watched. Another directory can take its path. */
  readonly identity: string | undefined;
}

/**
 * Reports that something below a set of directories changed. It does not report which file changed:
 * the next build finds that out through the cache. Directories are watched one by one, because
 * recursive watching would go through node_modules. Hidden directories are not watched, and neither
 * are the directories inside node_modules, except those of scopes, which may contain links.
 */
export class DirectoryWatcher implements Disposable {
  readonly #watchers = new Map<string, Watched>();
  readonly #ignored: ReadonlySet<string>;
  #dirty = false;
  #notify: (() => void) | undefined;
  #failure: BgfnError | undefined;

  constructor({ ignored }: DirectoryWatcherOptions) {
    this.#ignored = new Set(ignored);
  }

  /** Watches a directory and the directories below it, if the directory exists. */
  addTree(directory: string): void {
    if (this.#ignored.has(directory) || !this.add(directory)) return;
    for (const name of subdirectoriesOf(directory)) {
      if (name === 'node_modules') this.addModules(path.join(directory, name));
      else if (!name.startsWith('.')) this.addTree(path.join(directory, name));
    }
  }

  /** Watches a directory `node_modules` and the scopes in it, if the directory exists. */
  addModules(directory: string): void {
    if (!this.add(directory)) return;
    for (const name of subdirectoriesOf(directory)) {
      if (name.startsWith('@')) this.add(path.join(directory, name));
    }
  }

  /**
   * Watches one directory without those below it. Returns false when the directory cannot be
   * watched or is watched already.
   */
  add(directory: string): boolean {
    if (this.#watchers.has(directory)) return false;
    try {
      const watcher = watch(directory, (kind, name) => this.#onEvent(directory, kind, name));
      watcher.on('error', () => this.#remove(directory));
      this.#watchers.set(directory, { watcher, identity: identityOf(statOf(directory)) });
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOSPC' || code === 'EMFILE') {
        this.#failure = tooManyDirectories(this.#watchers.size);
      }
      return false;
    }
  }

  /** Forgets the changes so far: the next `changed()` waits for a change after this call. */
  reset(): void {
    this.#dirty = false;
  }

  /**
   * Waits for a change since `reset()`, and then until nothing has changed for `quietMs`. Also
   * resolves when the signal aborts.
   *
   * @throws {BgfnError} `WATCH_LIMIT`, when a directory could not be watched
   */
  async changed(signal: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#dirty) await this.#nextEvent(signal);
    while (!signal.aborted && (await this.#eventWithin(quietMs, signal)));
  }

  [Symbol.dispose](): void {
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #onEvent(directory: string, kind: string, name: string | null): void {
    if (name !== null) {
      if (this.#ignored.has(path.join(directory, name)) || isNoise(directory, name)) return;
      if (kind === 'rename') this.#follow(path.join(directory, name));
    }
    this.#dirty = true;
    this.#notify?.();
  }

  /**
   * Watches a directory that appeared, and stops watching a directory that is gone, also when
   * another one has its path already: two renames, or a link that gets another target, swap
   * directories. Files that a new directory already contains need no event: the build that follows
   * finds them.
   */
  #follow(file: string): void {
    const stats = statOf(file);
    const watched = this.#watchers.get(file);
    if (watched !== undefined && watched.identity !== identityOf(stats)) this.#removeTree(file);
    if (stats?.isDirectory() !== true) return;
    const { base, dir } = path.parse(file);
    if (base === 'node_modules') this.addModules(file);
    else if (path.basename(dir) === 'node_modules' && base.startsWith('@')) this.add(file);
    else if (!containsModules(dir)) this.addTree(file);
  }

  #removeTree(directory: string): void {
    for (const watched of this.#watchers.keys()) {
      if (watched === directory || watched.startsWith(directory + path.sep)) this.#remove(watched);
    }
  }

  #remove(directory: string): void {
    this.#watchers.get(directory)?.watcher.close();
    this.#watchers.delete(directory);
  }

  #nextEvent(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#notify = undefined;
        signal.removeEventListener('abort', done);
        resolve();
      };
      if (signal.aborted) return done();
      this.#notify = done;
      signal.addEventListener('abort', done);
    });
  }

  /** Whether another event comes within `ms`. */
  async #eventWithin(ms: number, signal: AbortSignal): Promise<boolean> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ms);
    await this.#nextEvent(AbortSignal.any([signal, stop.signal]));
    clearTimeout(timer);
    return !stop.signal.aborted;
  }
}

/**
 * Whether a build cannot depend on the file of an event. Of the hidden files in node_modules only
 * the records of installs count: tools keep their caches there. Elsewhere hidden files do not
 * count, except `.npmrc`. Logs never count: `bgfn dev > dev.log` would build for every line that it
 * prints.
 */
function isNoise(directory: string, name: string): boolean {
  if (name.endsWith('.log')) return true;
  const hidden = name.startsWith('.');
  if (directory.endsWith('node_modules')) {
    return hidden && !/^\.(?:package-lock\.json|modules\.yaml|yarn-integrity)$/.test(name);
  }
  return hidden && name !== '.npmrc';
}

/** Whether the children of a directory are installed modules: `node_modules` or a scope in it. */
function containsModules(directory: string): boolean {
  const { base, dir } = path.parse(directory);
  return base === 'node_modules' || (base.startsWith('@') && path.basename(dir) === 'node_modules');
}

function statOf(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false });
}

function identityOf(stats: Stats | undefined): string | undefined {
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

function subdirectoriesOf(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function tooManyDirectories(count: number): BgfnError {
  return new BgfnError(
    'WATCH_LIMIT',
    `The system lets bgfn watch no more than ${count} directories.`,
    {
      kind: 'config',
      hint: 'Raise the limit: sudo sysctl fs.inotify.max_user_watches=524288 (Linux), or run bgfn in a smaller project directory.',
    },
  );
}
