/**
 * The build information that a Go linker wrote into a binary. It is read from the file itself, so
 * that neither Go nor the machine of the binary is needed. ELF files are read by the System V ABI.
 * Mach-O and PE files are read only far enough to name a wrong platform. The build information has
 * the layout of `debug/buildinfo` of Go 1.18 and later.
 */
export interface GoBinaryInfo {
  /** `linux`, `darwin`, …; undefined when the binary does not contain it. */
  readonly goos: string | undefined;
  /** `amd64`, `arm64`, …; undefined when the binary does not contain it. */
  readonly goarch: string | undefined;
  /** The version of Go, such as `go1.26.1`. */
  readonly goVersion: string;
  /** The module path of the program's `main` package, if the linker recorded it. */
  readonly modulePath: string | undefined;
}

const buildInfoMagic = Buffer.from('\xff Go buildinf:', 'latin1');
/** Magic, pointer size, flags and padding. */
const headerSize = 32;
const machines: ReadonlyMap<number, string> = new Map([
  [0x03, '386'],
  [0x28, 'arm'],
  [0x3e, 'amd64'],
  [0xb7, 'arm64'],
  [0xf3, 'riscv64'],
]);

/** Whether a file with these first bytes can be an executable that a Go toolchain built. */
export function looksLikeExecutable(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.readUInt32BE(0);
  return (
    magic === 0x7f_45_4c_46 ||
    magic === 0xcf_fa_ed_fe ||
    magic === 0xfe_ed_fa_cf ||
    head.readUInt16BE(0) === 0x4d_5a
  );
}

/**
 * Reads the Go build information of an executable.
 *
 * @param bytes The whole file
 * @returns Undefined when the file is not an executable of Go 1.18 or later
 */
export function readGoBinary(bytes: Buffer): GoBinaryInfo | undefined {
  if (!looksLikeExecutable(bytes)) return undefined;
  const start = findBuildInfo(bytes);
  if (start === undefined) return undefined;
  // Bit 1 of the flags is set when strings follow inline. Binaries of Go before 1.18 have pointers
  // into memory instead.
  if (((bytes[start + 15] ?? 0) & 2) === 0) return undefined;
  const version = readString(bytes, start + headerSize);
  if (version === undefined) return undefined;
  const moduleInfo = readString(bytes, version.end);
  // The module information is between two 16-byte sentinels.
  const lines = (moduleInfo?.text.slice(16, -16) ?? '').split('\n').map((line) => line.split('\t'));
  const setting = (key: string): string | undefined =>
    lines
      .find(([kind, pair]) => kind === 'build' && pair?.startsWith(`${key}=`))?.[1]
      ?.slice(key.length + 1);
  return {
    goos: setting('GOOS') ?? (isElf(bytes) ? undefined : 'not linux'),
    goarch: setting('GOARCH') ?? (isElf(bytes) ? machines.get(readElf(bytes).machine) : undefined),
    goVersion: version.text,
    modulePath: lines.find(([kind]) => kind === 'path')?.[1],
  };
}

function isElf(bytes: Buffer): boolean {
  return bytes.readUInt32BE(0) === 0x7f_45_4c_46;
}

/**
 * The offset of the build information: the offset of its section or, in a binary that has no
 * section table or is not ELF, the offset of the first aligned magic.
 */
function findBuildInfo(bytes: Buffer): number | undefined {
  if (isElf(bytes)) {
    const section = readElf(bytes).sections.find(({ name }) => name === '.go.buildinfo');
    if (
      section !== undefined &&
      bytes.subarray(section.offset, section.offset + buildInfoMagic.length).equals(buildInfoMagic)
    ) {
      return section.offset;
    }
  }
  for (
    let at = bytes.indexOf(buildInfoMagic);
    at !== -1;
    at = bytes.indexOf(buildInfoMagic, at + 1)
  ) {
    if (at % 16 === 0 && at + headerSize <= bytes.length) return at;
  }
  return undefined;
}

interface ElfHeader {
  readonly machine: number;
  readonly sections: readonly { readonly name: string; readonly offset: number }[];
}

/** Reads the ELF header and section names. A truncated or broken table counts as no sections. */
function readElf(bytes: Buffer): ElfHeader {
  try {
    const wide = bytes[4] === 2;
    const little = bytes[5] === 1;
    const u16 = (at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
    const u32 = (at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
    const word = (at: number): number =>
      wide ? Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at)) : u32(at);
    const machine = u16(18);
    const table = word(wide ? 0x28 : 0x20);
    const [entrySize, count, namesIndex] = [
      u16(wide ? 0x3a : 0x2e),
      u16(wide ? 0x3c : 0x30),
      u16(wide ? 0x3e : 0x32),
    ];
    const offsetOf = (index: number): number =>
      word(table + index * entrySize + (wide ? 0x18 : 0x10));
    try {
      const names = offsetOf(namesIndex);
      const sections = Array.from({ length: table === 0 ? 0 : count }, (_, index) => {
        const nameAt = names + u32(table + index * entrySize);
        return {
          name: bytes.toString('latin1', nameAt, bytes.indexOf(0, nameAt)),
          offset: offsetOf(index),
        };
      });
      return { machine, sections };
    } catch {
      return { machine, sections: [] };
    }
  } catch {
    return { machine: 0, sections: [] };
  }
}

/** Reads a string of the linker: the length as an unsigned varint, then the bytes. */
function readString(bytes: Buffer, start: number): { text: string; end: number } | undefined {
  let length = 0;
  let at = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at];
    if (byte === undefined || shift > 28) return undefined;
    at += 1;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (at + length > bytes.length) return undefined;
  return { text: bytes.toString('utf8', at, at + length), end: at + length };
}
