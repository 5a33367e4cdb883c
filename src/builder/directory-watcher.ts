import { readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';

/**
 * A change is acted on once nothing followed it for this long: an editor's save is several events,
 * and the cache trusts only files older than a tick.
 */
const quietMs = 30;

export interface DirectoryWatcherOptions {
  /** Absolute directories that are never looked into: what the build itself writes. */
  readonly ignored: readonly string[];
}

/**
 * Tells that something below a set of directories changed; what it was, the next build finds out by
 * itself. Directories are watched one by one (recursive watching would go through node_modules);
 * hidden ones and node_modules are left out.
 */
export class DirectoryWatcher implements Disposable {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #ignored: ReadonlySet<string>;
  #dirty = false;
  #notify: (() => void) | undefined;
  #failure: BgfnError | undefined;

  constructor({ ignored }: DirectoryWatcherOptions) {
    this.#ignored = new Set(ignored);
  }

  /** Watches a directory and those below it. One that is not there is left out. */
  addTree(directory: string): void {
    if (this.#ignored.has(directory) || !this.add(directory)) return;
    for (const name of subdirectoriesOf(directory)) {
      if (name === 'node_modules') this.add(join(directory, name));
      else if (!name.startsWith('.')) this.addTree(join(directory, name));
    }
  }

  /** Watches one directory alone. False when it cannot be watched or is watched already. */
  add(directory: string): boolean {
    if (this.#watchers.has(directory)) return false;
    try {
      const watcher = watch(directory, (kind, name) => this.#onEvent(directory, kind, name));
      watcher.on('error', () => this.#remove(directory));
      this.#watchers.set(directory, watcher);
      return true;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOSPC' || code === 'EMFILE') {
        this.#failure = tooManyDirectories(this.#watchers.size);
      }
      return false;
    }
  }

  /** From here on, changes count for the next `changed()`. */
  reset(): void {
    this.#dirty = false;
  }

  /**
   * Resolves after the next change, or at once for one since `reset()`, when it is quiet again.
   * Also when the signal aborts.
   */
  async changed(signal: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#dirty) await this.#nextEvent(signal);
    while (!signal.aborted && (await this.#eventWithin(quietMs, signal)));
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #onEvent(directory: string, kind: string, name: string | null): void {
    if (name !== null) {
      if (this.#ignored.has(join(directory, name)) || isNoise(directory, name)) return;
      if (kind === 'rename') this.#lookAt(join(directory, name));
    }
    this.#dirty = true;
    this.#notify?.();
  }

  /**
   * Something appeared or went away. A new directory is watched; what is in it already is found by
   * the build that follows.
   */
  #lookAt(path: string): void {
    const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (!isDirectory) this.#remove(path);
    else if (path.endsWith('node_modules')) this.add(path);
    else this.addTree(path);
  }

  #remove(directory: string): void {
    this.#watchers.get(directory)?.close();
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

  /** True when there was another event in this time. */
  async #eventWithin(ms: number, signal: AbortSignal): Promise<boolean> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ms);
    await this.#nextEvent(AbortSignal.any([signal, stop.signal]));
    clearTimeout(timer);
    return !stop.signal.aborted;
  }
}

/**
 * Node_modules is watched for installs only: not for what tools keep in hidden directories there.
 * Elsewhere hidden directories do not count, nor do logs: `bgfn dev > dev.log` would build for
 * every line it prints.
 */
function isNoise(directory: string, name: string): boolean {
  if (name.endsWith('.log')) return true;
  const hidden = name.startsWith('.');
  if (directory.endsWith('node_modules')) {
    return hidden && !/^\.(?:package-lock\.json|modules\.yaml|yarn-integrity)$/.test(name);
  }
  return hidden && name !== '.npmrc';
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
