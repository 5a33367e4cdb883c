import { readFileSync } from 'node:fs';
import { writeFileAtomically } from '../../files/replace-file.ts';
import { sha256Of } from '../../files/sha256.ts';
import type { StoredProbe } from './stored-probe.ts';

/** What the inputs of an artifact were, and what was made of them. */
export interface CacheRecord<T> {
  readonly probes: readonly StoredProbe[];
  readonly value: T;
  /** Of the zip that belongs to the value. */
  readonly zipSha256: string;
}

const digestLength = 64;

/** Undefined when the file is missing or not as it was written. */
export function readRecord<T>(file: string): CacheRecord<T> | undefined {
  try {
    const content = readFileSync(file, 'utf8');
    const text = content.slice(digestLength + 1);
    if (content[digestLength] !== '\n' || sha256Of(text) !== content.slice(0, digestLength)) {
      return undefined;
    }
    // The checksum says that these are the bytes that were written, so their shape is known.
    const record: CacheRecord<T> = JSON.parse(text);
    return record;
  } catch {
    return undefined;
  }
}

/** Writes the checksum of the record on a first line, and the record as JSON after it. */
export async function writeRecord<T>(file: string, record: CacheRecord<T>): Promise<void> {
  const text = JSON.stringify(record);
  await writeFileAtomically(file, `${sha256Of(text)}\n${text}`);
}
