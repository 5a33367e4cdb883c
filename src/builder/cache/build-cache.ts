import { statSync } from 'node:fs';
import { readFile, rename, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomically } from '../../files/replace-file.ts';
import { sha256Of } from '../../files/sha256.ts';
import type { FunctionSpec } from '../discover/function-spec.ts';
import { cacheKeyOf, type CacheKeyContent } from './cache-key.ts';
import { Fingerprints, type Probe } from './fingerprint.ts';
import { goSettings } from './go-toolchain.ts';
import { probesOf } from './probes.ts';
import { prune } from './prune.ts';
import { readRecord, writeRecord, type CacheRecord } from './record-file.ts';
import { changedSince, hasStamp, storedProbe, type StoredProbe } from './stored-probe.ts';

export interface BuildCacheOptions {
  readonly directory: string;
  readonly projectDirectory: string;
  readonly tools: CacheKeyContent['tools'];
  readonly settings: CacheKeyContent['settings'];
  /**
   * When the build began, in ms since the epoch: a file that changed after it may have been read in
   * either state.
   */
  readonly startedAtMs: number;
}

/** How many states of one function are kept: enough to switch between branches. */
const maxVariants = 4;

/**
 * Artifacts by what they are made of. `records/<key>.<n>.json` says what the inputs were,
 * `zips/<sha256>.zip` holds the bytes. Every file is replaced in one rename and has a checksum, so
 * a damaged, incomplete or missing entry is a miss. `T` is the JSON that is kept beside the zip.
 */
export class BuildCache<T> {
  readonly #options: BuildCacheOptions;
  readonly #fingerprints = new Fingerprints();

  constructor(options: BuildCacheOptions) {
    this.#options = options;
  }

  /**
   * What was kept for this spec in exactly this state of its inputs; undefined on a miss. The zip
   * is not checked.
   */
  async find(spec: FunctionSpec): Promise<{ value: T; zipSha256: string } | undefined> {
    const key = this.#keyOf(spec);
    for (let variant = 0; variant < maxVariants; variant += 1) {
      const file = this.#recordFile(key, variant);
      const record = readRecord<T>(file);
      if (record === undefined) continue;
      const check = await this.#check(record.probes);
      if (!check.same) continue;
      if (check.refreshed !== undefined) {
        await this.#quietly(() =>
          this.#writeRecord(file, { ...record, probes: check.refreshed ?? [] }),
        );
      } else {
        await this.#quietly(() => keepAlive([file, this.#zipFile(record.zipSha256)]));
      }
      return { value: record.value, zipSha256: record.zipSha256 };
    }
    return undefined;
  }

  /** Writes the kept zip to `target`. False when it is missing or damaged. */
  async restoreZip(sha256: string, target: string): Promise<boolean> {
    const file = this.#zipFile(sha256);
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch {
      return false;
    }
    if (sha256Of(bytes) !== sha256) {
      await this.#quietly(() => rm(file, { force: true }));
      return false;
    }
    await writeFileAtomically(target, bytes);
    return true;
  }

  /**
   * Keeps an artifact. Nothing is kept when an input changed while the build ran: the bundle may be
   * made of the older bytes. A cache that cannot be written does not fail the build; it makes the
   * next one slower.
   */
  async save(
    spec: FunctionSpec,
    inputs: readonly string[],
    entry: { value: T; zipFile: string; zipSha256: string },
  ): Promise<void> {
    await this.#quietly(async () => {
      // The digests that this build took so far may be older than what the bundler read.
      const fingerprints = new Fingerprints();
      const nowMs = Date.now();
      const probes: StoredProbe[] = [];
      for (const probe of await probesOf(spec, inputs)) {
        const stamp = probe.kind === 'content' ? fingerprints.stampOf(probe.path) : undefined;
        if (stamp !== undefined && changedSince(stamp, this.#options.startedAtMs)) return;
        probes.push(storedProbe(probe, await fingerprints.digestOf(probe), stamp, nowMs));
      }
      const zipFile = this.#zipFile(entry.zipSha256);
      const bytes = await readFile(entry.zipFile);
      if (sha256Of(bytes) !== entry.zipSha256) return;
      await writeFileAtomically(zipFile, bytes);
      const key = this.#keyOf(spec);
      await this.#rotate(key);
      await this.#writeRecord(this.#recordFile(key, 0), {
        probes,
        value: entry.value,
        zipSha256: entry.zipSha256,
      });
    });
  }

  /** Removes entries that are old, and the oldest ones when the cache is large. */
  async prune(): Promise<void> {
    await this.#quietly(() => prune(this.#options.directory, Date.now()));
  }

  /**
   * Whether every probe finds now what it found then. `refreshed` has new stamps, if bytes had to
   * be read to tell.
   */
  async #check(
    stored: readonly StoredProbe[],
  ): Promise<{ same: false } | { same: true; refreshed: StoredProbe[] | undefined }> {
    const nowMs = Date.now();
    let refresh = false;
    const refreshed: StoredProbe[] = [];
    for (const entry of stored) {
      const probe = this.#absolute(entry.probe);
      const stamp = probe.kind === 'content' ? this.#fingerprints.stampOf(probe.path) : undefined;
      if (hasStamp(entry, stamp)) {
        refreshed.push(entry);
        continue;
      }
      if ((await this.#fingerprints.digestOf(probe)) !== entry.digest) return { same: false };
      const next = storedProbe(entry.probe, entry.digest, stamp, nowMs);
      refresh ||= next.stamp !== undefined;
      refreshed.push(next);
    }
    return { same: true, refreshed: refresh ? refreshed : undefined };
  }

  #keyOf(spec: FunctionSpec): string {
    const { tools, settings, projectDirectory } = this.#options;
    const forGo = spec.entry.kind === 'go-source' ? { go: goSettings() } : {};
    return cacheKeyOf({ spec, tools: { ...tools, ...forGo }, settings }, projectDirectory);
  }

  #recordFile(key: string, variant: number): string {
    return path.join(this.#options.directory, 'records', `${key}.${variant}.json`);
  }

  #zipFile(sha256: string): string {
    return path.join(this.#options.directory, 'zips', `${sha256}.zip`);
  }

  /** Makes room for a new variant 0; the oldest one is overwritten. */
  async #rotate(key: string): Promise<void> {
    for (let variant = maxVariants - 1; variant > 0; variant -= 1) {
      await rename(this.#recordFile(key, variant - 1), this.#recordFile(key, variant)).catch(
        () => undefined,
      );
    }
  }

  async #writeRecord(file: string, record: CacheRecord<T>): Promise<void> {
    const probes = record.probes.map((entry) => this.#withRelativePath(entry));
    await writeRecord(file, { ...record, probes });
  }

  #withRelativePath(stored: StoredProbe): StoredProbe {
    const { projectDirectory } = this.#options;
    const { probe } = stored;
    const relative = path.relative(projectDirectory, path.resolve(projectDirectory, probe.path));
    return { ...stored, probe: { ...probe, path: relative.replaceAll(path.sep, '/') } };
  }

  #absolute(probe: Probe): Probe {
    return { ...probe, path: path.resolve(this.#options.projectDirectory, probe.path) };
  }

  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      // A read-only or full disk makes the cache useless, not the build.
    }
  }
}

/** Notes that files were used, once a day at most, for the pruning. */
async function keepAlive(files: readonly string[]): Promise<void> {
  const now = new Date();
  for (const file of files) {
    if (now.getTime() - statSync(file).mtimeMs > 86_400_000) await utimes(file, now, now);
  }
}
