import { openSync, closeSync, readSync } from 'node:fs';
import { readyFileAt, type ReadyFile } from './ready-file.ts';

/** Where the packed bytes of a file are in a finished zip. */
interface Place {
  readonly zip: string;
  readonly position: number;
}

type Known = Promise<ReadyFile> | { readonly facts: ReadyFacts; readonly place: Place };
/** What is remembered of a file whose packed bytes are in a finished zip. */
type ReadyFacts = Omit<ReadyFile, 'packed'> & { readonly packedBytes: number };

/**
 * Deflates each file of a build once, however many functions have it in their zips. The packed
 * bytes stay in memory until the first zip with them is finished; further zips copy them from that
 * one. The memory lasts as long as one build.
 */
export class ReadyFiles {
  readonly #known = new Map<string, Known>();

  /**
   * @param file Absolute
   * @throws {Error} The system error of a file that cannot be read
   */
  async ready(file: string): Promise<ReadyFile> {
    const known = this.#known.get(file);
    if (known === undefined) return this.#make(file);
    if (known instanceof Promise) return known;
    return copied(known.facts, known.place) ?? this.#make(file);
  }

  /** Notes that a finished zip contains the packed bytes of a file. */
  isIn(file: string, { packed, ...facts }: ReadyFile, place: Place): void {
    if (!(this.#known.get(file) instanceof Promise)) return;
    this.#known.set(file, { facts: { ...facts, packedBytes: packed.byteLength }, place });
  }

  #make(file: string): Promise<ReadyFile> {
    const made = readyFileAt(file);
    this.#known.set(file, made);
    return made;
  }
}

/** Undefined when the zip is gone. */
function copied({ packedBytes, ...facts }: ReadyFacts, place: Place): ReadyFile | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(place.zip, 'r');
  } catch {
    return undefined;
  }
  try {
    const packed = Buffer.allocUnsafe(packedBytes);
    const read = readSync(descriptor, packed, 0, packedBytes, place.position);
    return read === packedBytes ? { ...facts, packed } : undefined;
  } finally {
    closeSync(descriptor);
  }
}
