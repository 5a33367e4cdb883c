import { statSync } from 'node:fs';
import { readFile, rename, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { isSystemError } from '../../diagnostic/system-error.ts';
import { writeFileAtomically } from '../../files/replace-file.ts';
import { sha256Of } from '../../files/sha256.ts';
import type { FunctionSpec } from '../discover/function-spec.ts';
import { cacheKeyOf, type CacheKeyContent } from './cache-key.ts';
import { Fingerprints, type Probe } from './fingerprint.ts';
import { goSettings } from './go-toolchain.ts';
import { probesOf } from './probes.ts';
import { prune } from './prune.ts';
import { readRecord, writeRecord, type CacheRecord } from './record-file.ts';
import { changedSince, hasStamp, storedProbeOf, type StoredProbe } from './stored-probe.ts';

export interface BuildCacheOptions {
  readonly directory: string;
  readonly projectDirectory: string;
  readonly tools: CacheKeyContent['tools'];
  readonly settings: CacheKeyContent['settings'];
  /**
   * When the build began, in ms since the epoch. The build may have read a file that changed after
   * this time in its old or in its new state.
   */
  readonly startedAtMs: number;
}

/** How many states of one function are kept: enough to switch between branches. */
const maxVariants = 4;

const oneDayMs = 86_400_000;

/**
 * Artifacts by the inputs that they are made of. `records/<key>.<n>.json` describes the inputs,
 * `zips/<sha256>.zip` holds the bytes. Every file is replaced in one rename and has a checksum, so
 * that a damaged, incomplete or missing file is a miss. `T` is the JSON that is kept beside the
 * zip.
 */
export class BuildCache<T> {
  readonly #options: BuildCacheOptions;
  readonly #fingerprints = new Fingerprints();

  constructor(options: BuildCacheOptions) {
    this.#options = options;
  }

  /**
   * Returns the value that was kept for this spec in exactly this state of its inputs; undefined on
   * a miss. The zip is not read here: `restoreZip` checks it.
   */
  async find(spec: FunctionSpec): Promise<T | undefined> {
    const key = this.#keyOf(spec);
    for (let variant = 0; variant < maxVariants; variant += 1) {
      const file = this.#recordFile(key, variant);
      const record = readRecord<T>(file);
      if (record === undefined) continue;
      const comparison = await this.#compare(record.probes);
      if (!comparison.same) continue;
      const { refreshed } = comparison;
      await ignoringSystemErrors(() =>
        refreshed === undefined
          ? markUsed([file, this.#zipFile(record.zipSha256)])
          : this.#writeRecord(file, { ...record, probes: refreshed }),
      );
      return record.value;
    }
    return undefined;
  }

  /** Writes the kept zip to `target`. Returns false when the zip is missing or damaged. */
  async restoreZip(sha256: string, target: string): Promise<boolean> {
    const file = this.#zipFile(sha256);
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch {
      return false;
    }
    if (sha256Of(bytes) !== sha256) {
      await ignoringSystemErrors(() => rm(file, { force: true }));
      return false;
    }
    await writeFileAtomically(target, bytes);
    return true;
  }

  /**
   * Keeps an artifact, unless one of its inputs changed while the build ran: the bundle may be made
   * of the older bytes. A cache that cannot be written does not fail the build; it makes the next
   * build slower.
   */
  async save(
    spec: FunctionSpec,
    inputs: readonly string[],
    artifact: { value: T; zipFile: string; zipSha256: string },
  ): Promise<void> {
    const { value, zipFile, zipSha256 } = artifact;
    await ignoringSystemErrors(async () => {
      const probes = await this.#unchangedProbes(spec, inputs);
      // An input changed: nothing is kept.
      if (probes === undefined) return;
      const bytes = await readFile(zipFile);
      // The zip was damaged after it was packed: nothing is kept.
      if (sha256Of(bytes) !== zipSha256) return;
      // The zip is written before its record, because a record promises a zip.
      await writeFileAtomically(this.#zipFile(zipSha256), bytes);
      const key = this.#keyOf(spec);
      await this.#rotate(key);
      await this.#writeRecord(this.#recordFile(key, 0), { probes, value, zipSha256 });
    });
  }

  /** Removes artifacts that are old, and the oldest artifacts when the cache is large. */
  async prune(): Promise<void> {
    await ignoringSystemErrors(() => prune(this.#options.directory, Date.now()));
  }

  /** Takes the probes of an artifact; undefined when an input changed while the build ran. */
  async #unchangedProbes(
    spec: FunctionSpec,
    inputs: readonly string[],
  ): Promise<StoredProbe[] | undefined> {
    // The digests that this build has taken so far may be older than the bytes the bundler read.
    const fingerprints = new Fingerprints();
    const nowMs = Date.now();
    const storedProbes: StoredProbe[] = [];
    for (const probe of await probesOf(spec, inputs)) {
      const stamp = probe.kind === 'content' ? fingerprints.stampOf(probe.path) : undefined;
      if (stamp !== undefined && changedSince(stamp, this.#options.startedAtMs)) return undefined;
      storedProbes.push(storedProbeOf(probe, await fingerprints.digestOf(probe), stamp, nowMs));
    }
    return storedProbes;
  }

  /**
   * Whether all inputs are unchanged. `refreshed` holds the same probes with the current metadata
   * of their files. It is set when files have new metadata but the old bytes: storing the new
   * metadata saves the next build from reading these files.
   */
  async #compare(
    storedProbes: readonly StoredProbe[],
  ): Promise<{ same: false } | { same: true; refreshed: StoredProbe[] | undefined }> {
    const nowMs = Date.now();
    let hasNewStamp = false;
    const refreshed: StoredProbe[] = [];
    for (const storedProbe of storedProbes) {
      const { digest } = storedProbe;
      const probe = this.#absolute(storedProbe.probe);
      const stamp = probe.kind === 'content' ? this.#fingerprints.stampOf(probe.path) : undefined;
      if (hasStamp(storedProbe, stamp)) {
        refreshed.push(storedProbe);
        continue;
      }
      if ((await this.#fingerprints.digestOf(probe)) !== digest) return { same: false };
      const next = storedProbeOf(storedProbe.probe, digest, stamp, nowMs);
      hasNewStamp ||= next.stamp !== undefined;
      refreshed.push(next);
    }
    return { same: true, refreshed: hasNewStamp ? refreshed : undefined };
  }

  #keyOf(spec: FunctionSpec): string {
    const { tools, settings, projectDirectory } = this.#options;
    const forGo = spec.entry.kind === 'go-source' ? { go: goSettings() } : {};
    const content = { spec: { ...spec, includedEntries: undefined }, settings };
    return cacheKeyOf({ ...content, tools: { ...tools, ...forGo } }, projectDirectory);
  }

  #recordFile(key: string, variant: number): string {
    return path.join(this.#options.directory, 'records', `${key}.${variant}.json`);
  }

  #zipFile(sha256: string): string {
    return path.join(this.#options.directory, 'zips', `${sha256}.zip`);
  }

  /** Makes room for a new variant 0; the oldest variant is overwritten. */
  async #rotate(key: string): Promise<void> {
    for (let variant = maxVariants - 1; variant > 0; variant -= 1) {
      await rename(this.#recordFile(key, variant - 1), this.#recordFile(key, variant)).catch(
        () => undefined,
      );
    }
  }

  async #writeRecord(file: string, record: CacheRecord<T>): Promise<void> {
    const probes = record.probes.map((storedProbe) => this.#withRelativePath(storedProbe));
    await writeRecord(file, { ...record, probes });
  }

  #withRelativePath(storedProbe: StoredProbe): StoredProbe {
    const { projectDirectory } = this.#options;
    const { probe } = storedProbe;
    const relative = path.relative(projectDirectory, path.resolve(projectDirectory, probe.path));
    return { ...storedProbe, probe: { ...probe, path: relative.replaceAll(path.sep, '/') } };
  }

  #absolute(probe: Probe): Probe {
    return { ...probe, path: path.resolve(this.#options.projectDirectory, probe.path) };
  }
}

/**
 * Ignores a read-only or full disk, which makes the cache useless but must not fail the build. Any
 * other error is a bug and is thrown.
 */
async function ignoringSystemErrors(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/**
 * Sets the modification times of files that were used to now, because pruning removes the files
 * that have not been used for longest. At most one write a day: pruning counts in days.
 */
async function markUsed(files: readonly string[]): Promise<void> {
  const now = new Date();
  for (const file of files) {
    if (now.getTime() - statSync(file).mtimeMs > oneDayMs) await utimes(file, now, now);
  }
}
