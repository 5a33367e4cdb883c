import { once } from 'node:events';
import { ZipArchive } from 'archiver';
import type { ReadyFile } from './ready-file.ts';

/** The first day that the date field of an entry can express. archiver writes dates in UTC. */
const entryDate = new Date(Date.UTC(1980, 0, 1));
const methodStored = 0;
const methodDeflated = 8;

/** The parts of an entry of compress-commons, which archiver writes zips with. */
interface EngineEntry {
  setMethod(method: number): void;
  setSize(bytes: number): void;
  setCompressedSize(bytes: number): void;
  setCrc(crc32: number): void;
  getGeneralPurposeBit(): { useDataDescriptor(uses: boolean): void };
}

/** The parts of archiver's engine that write one entry. */
interface Engine {
  /** Bytes written so far. */
  readonly offset: number;
  write(bytes: Buffer): unknown;
  _writeLocalFileHeader(entry: EngineEntry): void;
  _afterAppend(entry: EngineEntry): void;
  _appendBuffer(
    entry: EngineEntry,
    source: Buffer,
    callback: (error: Error | null, entry: EngineEntry) => void,
  ): void;
}

/**
 * An archive of archiver's that takes entries which are deflated already. archiver itself deflates
 * what it is given, one entry at a time and anew in each zip. Here it gets the bytes as they come
 * into the zip, with their size and checksum, so it writes the headers and the directory only.
 */
export class ReadyArchive extends ZipArchive {
  readonly #engine: Engine;
  readonly #ready = new WeakMap<Buffer, ReadyFile>();
  #position = 0;

  constructor() {
    super();
    this.#engine = engineOf(this);
    this.#engine._appendBuffer = (entry, source, callback) => {
      this.#write(entry, source);
      callback(null, entry);
    };
  }

  /** Appends an entry; resolves to the position of its packed bytes in the zip. */
  async appendReady(name: string, mode: number, file: ReadyFile): Promise<number> {
    const appended = once(this, 'entry');
    // A buffer of its own, because one packed file may be in several archives at a time.
    const source = file.packed.subarray();
    this.#ready.set(source, file);
    this.append(source, { name, mode, date: entryDate });
    await appended;
    return this.#position;
  }

  #write(entry: EngineEntry, source: Buffer): void {
    const ready = this.#ready.get(source);
    if (ready === undefined) throw new Error('An entry was not prepared.');
    entry.setMethod(ready.isDeflated ? methodDeflated : methodStored);
    entry.setSize(ready.bytes);
    entry.setCompressedSize(source.byteLength);
    entry.setCrc(ready.crc32);
    // The header in front of the bytes has the sizes, so no record has to follow them.
    entry.getGeneralPurposeBit().useDataDescriptor(false);
    this.#engine._writeLocalFileHeader(entry);
    this.#position = this.#engine.offset;
    if (source.byteLength > 0) this.#engine.write(source);
    this.#engine._afterAppend(entry);
  }
}

/** Archiver 8 keeps its engine in the property `_module.engine`. */
function engineOf(archive: ZipArchive): Engine {
  const engine = propertyOf(propertyOf(archive, '_module'), 'engine');
  if (!isEngine(engine)) throw new Error('This version of archiver cannot be used.');
  return engine;
}

function isEngine(value: unknown): value is Engine {
  return ['write', '_writeLocalFileHeader', '_afterAppend', '_appendBuffer'].every(
    (name) => typeof propertyOf(value, name) === 'function',
  );
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
