import { readFileSync } from 'node:fs';
import { writeFileAtomically } from '../../files/replace-file.ts';
import { sha256Of } from '../../files/sha256.ts';
import type { StoredProbe } from './stored-probe.ts';

/** The inputs of an artifact as they were when it was built, and the artifact. */
export interface CacheRecord<T> {
  readonly probes: readonly StoredProbe[];
  readonly value: T;
  /** The digest of the zip that belongs to the value. */
  readonly zipSha256: string;
}

const digestLength = 64;

/** Reads a record; undefined when the file is missing or damaged. */
export function readRecord<T>(file: string): CacheRecord<T> | undefined {
  try {
    const content = readFileSync(file, 'utf8');
    const text = content.slice(digestLength + 1);
    if (content[digestLength] !== '\n' || sha256Of(text) !== content.slice(0, digestLength)) {
      return undefined;
    }
    // The checksum proves that `writeRecord` wrote these bytes, so their shape needs no check.
    const record: CacheRecord<T> = JSON.parse(text);
    return record;
  } catch {
    return undefined;
  }
}

/** Writes the checksum of the record on the first line, and then the record as JSON. */
export async function writeRecord<T>(file: string, record: CacheRecord<T>): Promise<void> {
  const text = JSON.stringify(record);
  await writeFileAtomically(file, `${sha256Of(text)}\n${text}`);
}
