import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readFile, rename, rm, utimes } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { writeFileAtomically } from '../../files/replace-file.ts';
import type { FunctionSpec } from '../discover/function-spec.ts';
import { cacheKeyOf, type CacheKeyParts } from './cache-key.ts';
import { Fingerprints, type Probe, type Stamp } from './fingerprint.ts';
import { goSettings } from './go-toolchain.ts';
import { probesOf } from './probes.ts';
import { prune } from './prune.ts';

export interface BuildCacheOptions {
  readonly directory: string;
  readonly projectDirectory: string;
  readonly tools: CacheKeyParts['tools'];
  readonly settings: CacheKeyParts['settings'];
  /**
   * When the build began, in ms since the epoch: a file that changed after it may have been read in
   * either state.
   */
  readonly startedAtMs: number;
}

/**
 * A file on disk is trusted by its metadata only when that is older than this: clocks of file
 * systems tick, and two writes can share one.
 */
const settledAfterMs = 2000;
/** How far a file system's clock can be behind the system's (one tick of the slowest kernel timer). */
const clockSlackMs = 20;
/** How many states of the inputs are remembered for one function: enough to switch between branches. */
const maxVariants = 4;

interface StoredProbe {
  readonly probe: Probe;
  readonly digest: string;
  readonly stamp?: Stamp;
}

interface StoredRecord<T> {
  readonly probes: readonly StoredProbe[];
  readonly value: T;
  /** Of the zip that belongs to the value. */
  readonly zipSha256: string;
}

/**
 * Artifacts by what they are made of. Layout: `records/<key>.<n>.json` says what the inputs were,
 * `zips/<sha256>.zip` holds the bytes. Everything is written under a temporary name and renamed,
 * and carries a checksum: half an entry, a changed one or none at all is a miss. `T` is the JSON
 * that is kept beside the zip.
 */
export class BuildCache<T> {
  readonly #options: BuildCacheOptions;
  readonly #fingerprints = new Fingerprints();

  constructor(options: BuildCacheOptions) {
    this.#options = options;
  }

  /**
   * What was kept for this spec in exactly this state of its inputs; undefined on a miss. The zip
   * has not been looked at.
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

  /** Writes the kept zip to `target`. False when it is gone or its bytes are not what they were. */
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
   * of the older bytes. A cache that cannot be written is no reason to fail a build; the next one
   * is slower.
   */
  async save(
    spec: FunctionSpec,
    inputs: readonly string[],
    entry: { value: T; zipFile: string; zipSha256: string },
  ): Promise<void> {
    await this.#quietly(async () => {
      // Not the digests of the build so far: they may be older than what the bundler read.
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

  /** Removes what has not been used for long, and the oldest entries when there is too much. */
  async prune(): Promise<void> {
    await this.#quietly(() => prune(this.#options.directory, Date.now()));
  }

  /**
   * Whether the probes read now as they did then; with fresh stamps where bytes had to be read to
   * tell.
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
      if (
        stamp !== undefined &&
        entry.stamp !== undefined &&
        stamp.every((part, index) => part === entry.stamp?.[index])
      ) {
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
    return join(this.#options.directory, 'records', `${key}.${variant}.json`);
  }

  #zipFile(sha256: string): string {
    return join(this.#options.directory, 'zips', `${sha256}.zip`);
  }

  /** Makes room for a new variant 0; the oldest one falls out. */
  async #rotate(key: string): Promise<void> {
    for (let variant = maxVariants - 1; variant > 0; variant -= 1) {
      await rename(this.#recordFile(key, variant - 1), this.#recordFile(key, variant)).catch(
        () => undefined,
      );
    }
  }

  async #writeRecord(file: string, record: StoredRecord<T>): Promise<void> {
    const text = JSON.stringify({
      ...record,
      probes: record.probes.map((entry) => ({ ...entry, probe: this.#relative(entry.probe) })),
    });
    await writeFileAtomically(file, `${sha256Of(text)}\n${text}`);
  }

  #relative(probe: Probe): Probe {
    const path = resolve(this.#options.projectDirectory, probe.path);
    return { ...probe, path: relative(this.#options.projectDirectory, path).replaceAll(sep, '/') };
  }

  #absolute(probe: Probe): Probe {
    return { ...probe, path: resolve(this.#options.projectDirectory, probe.path) };
  }

  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      // A read-only or full disk: the build itself goes on.
    }
  }
}

function storedProbe(
  probe: Probe,
  digest: string,
  stamp: Stamp | undefined,
  nowMs: number,
): StoredProbe {
  const settled =
    stamp !== undefined && stamp[1] < nowMs - settledAfterMs && stamp[2] < nowMs - settledAfterMs;
  return settled ? { probe, digest, stamp } : { probe, digest };
}

function changedSince(stamp: Stamp, startedAtMs: number): boolean {
  return stamp[2] >= startedAtMs - clockSlackMs;
}

function readRecord<T>(file: string): StoredRecord<T> | undefined {
  try {
    const content = readFileSync(file, 'utf8');
    const text = content.slice(65);
    if (content[64] !== '\n' || sha256Of(text) !== content.slice(0, 64)) return undefined;
    // The checksum says that these are the bytes this class wrote, so the shape is known.
    const record: StoredRecord<T> = JSON.parse(text);
    return record;
  } catch {
    return undefined;
  }
}

/** Marks files as used, once a day at most: pruning goes by the time of the last use. */
async function keepAlive(files: readonly string[]): Promise<void> {
  const now = new Date();
  for (const file of files) {
    if (now.getTime() - statSync(file).mtimeMs > 86_400_000) await utimes(file, now, now);
  }
}

function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
