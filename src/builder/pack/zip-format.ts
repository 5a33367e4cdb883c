/**
 * The records of a zip file as PKWARE's APPNOTE.TXT 6.3.10 lays them out, for one kind of entry: a
 * regular file with Unix permissions, a fixed date, no extra fields and no comment. So the bytes
 * depend on nothing but the entries. Sizes and offsets have 32 bits: an artifact holds 250 MiB at
 * most.
 */

/** One file of a zip, compressed. */
export interface ZipEntry {
  /** Relative, forward slashes. */
  readonly path: string;
  readonly mode: 0o644 | 0o755;
  /** Of the uncompressed bytes. */
  readonly crc32: number;
  readonly uncompressedSize: number;
  /** Raw deflate, or the bytes as they are. */
  readonly method: 'deflate' | 'store';
  readonly data: Uint8Array;
}

/** What the directory at the end says of an entry; its data is not needed any more. */
export type WrittenEntry = Omit<ZipEntry, 'data'> & {
  readonly compressedSize: number;
  readonly offset: number;
};

const LOCAL_HEADER = 0x0403_4b50;
const DIRECTORY_HEADER = 0x0201_4b50;
const END = 0x0605_4b50;
const ZIP64_END = 0x0606_4b50;
const zip64Locator = 0x0706_4b50;

/** 2.0: deflate and paths. */
const version = 20;
const zip64Version = 45;
/** Upper byte 3: the attributes are those of Unix. */
const madeOnUnix = 3 << 8;
const regularFile = 0o100_000;
/** 1980-01-01, the first day a zip's date can hold; the time is midnight. */
const firstDate = 0x0021;
const nameIsUtf8 = 0x0800;
const mostEntries = 0xffff;

/** What stands before an entry's data. */
export function localHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.path);
  const header = Buffer.alloc(30 + name.length);
  header.writeUInt32LE(LOCAL_HEADER, 0);
  header.writeUInt16LE(version, 4);
  writeCommon(header, 6, entry, entry.data.byteLength, name);
  name.copy(header, 30);
  return header;
}

/**
 * What stands after the last entry: a header for each of them, and where those begin. `offset`:
 * bytes before it.
 */
export function directory(entries: readonly WrittenEntry[], offset: number): Buffer {
  const headers = Buffer.concat(entries.map(directoryHeader));
  const place = { count: entries.length, size: headers.length, offset };
  return Buffer.concat([
    headers,
    ...(place.count > mostEntries ? [zip64End(place)] : []),
    end(place),
  ]);
}

function directoryHeader(entry: WrittenEntry): Buffer {
  const name = Buffer.from(entry.path);
  const header = Buffer.alloc(46 + name.length);
  header.writeUInt32LE(DIRECTORY_HEADER, 0);
  header.writeUInt16LE(madeOnUnix | version, 4);
  header.writeUInt16LE(version, 6);
  writeCommon(header, 8, entry, entry.compressedSize, name);
  header.writeUInt32LE(((regularFile | entry.mode) << 16) >>> 0, 38);
  header.writeUInt32LE(entry.offset, 42);
  name.copy(header, 46);
  return header;
}

/**
 * The fields that both headers have, from the flags to the length of the extra field (zero, as all
 * that is not written).
 */
function writeCommon(
  header: Buffer,
  at: number,
  entry: Omit<ZipEntry, 'data'>,
  compressedSize: number,
  name: Buffer,
): void {
  header.writeUInt16LE(name.length === entry.path.length ? 0 : nameIsUtf8, at);
  header.writeUInt16LE(entry.method === 'deflate' ? 8 : 0, at + 2);
  header.writeUInt16LE(firstDate, at + 6);
  header.writeUInt32LE(entry.crc32, at + 8);
  header.writeUInt32LE(compressedSize, at + 12);
  header.writeUInt32LE(entry.uncompressedSize, at + 16);
  header.writeUInt16LE(name.length, at + 20);
}

interface DirectoryPlace {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
}

function end({ count, size, offset }: DirectoryPlace): Buffer {
  const record = Buffer.alloc(22);
  const shown = Math.min(count, mostEntries);
  record.writeUInt32LE(END, 0);
  record.writeUInt16LE(shown, 8);
  record.writeUInt16LE(shown, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}

/**
 * For more entries than 16 bits count: the same record with wider fields, and one that says where
 * it is.
 */
function zip64End({ count, size, offset }: DirectoryPlace): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(ZIP64_END, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(madeOnUnix | zip64Version, 12);
  record.writeUInt16LE(zip64Version, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  record.writeUInt32LE(zip64Locator, 56);
  record.writeBigUInt64LE(BigInt(offset + size), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
