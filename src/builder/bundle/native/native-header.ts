import { closeSync, openSync, readSync } from 'node:fs';

/** The machine that a file's code is made for. */
export interface NativeHeader {
  readonly format: 'elf' | 'mach-o' | 'pe';
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly archs: readonly string[];
  /** Undefined when it is unknown. */
  readonly libc: 'glibc' | 'musl' | undefined;
}

const headBytes = 4096;
const elfMachines: Readonly<Record<number, string>> = {
  0x03: 'ia32',
  0x28: 'arm',
  0x3e: 'x64',
  0xb7: 'arm64',
  0xf3: 'riscv64',
  0x15: 'ppc64',
  0x16: 's390x',
};
const machCpus: Readonly<Record<number, string>> = {
  0x0100_0007: 'x64',
  0x0100_000c: 'arm64',
  0x07: 'ia32',
  0x0c: 'arm',
};
const peMachines: Readonly<Record<number, string>> = {
  0x8664: 'x64',
  0xaa64: 'arm64',
  0x14c: 'ia32',
};

/**
 * Reads the ELF, Mach-O or PE header at the start of a file; undefined when the file has none of
 * these headers. Throws when the file cannot be read.
 */
export function readNativeHeader(file: string): NativeHeader | undefined {
  const head = readHead(file);
  if (head.length < 64) return undefined;
  const magic = head.readUInt32BE(0);
  if (magic === 0x7f45_4c46) return elfHeader(head);
  if (magic === 0xcffa_edfe || magic === 0xcefa_edfe) {
    return nativeHeader('mach-o', named(machCpus, head.readUInt32LE(4)));
  }
  if (magic === 0xcafe_babe) return fatHeader(head);
  if (head.readUInt16BE(0) === 0x4d5a) return peHeader(head);
  return undefined;
}

/** Whether a file is a script that names its interpreter and so is meant to be executed. */
export function hasShebang(file: string): boolean {
  const head = readHead(file, 2);
  return head.length === 2 && head.readUInt16BE(0) === 0x2321;
}

function elfHeader(head: Buffer): NativeHeader {
  const little = head[5] === 1;
  const machine = little ? head.readUInt16LE(18) : head.readUInt16BE(18);
  return nativeHeader('elf', named(elfMachines, machine));
}

/**
 * Reads the header of a universal binary. A Java class starts with the same magic number, but the
 * number that follows is above 40 there.
 */
function fatHeader(head: Buffer): NativeHeader | undefined {
  const count = head.readUInt32BE(4);
  if (count === 0 || count > 20) return undefined;
  const archs = Array.from({ length: count }, (_, index) =>
    named(machCpus, head.readUInt32BE(8 + index * 20)),
  ).flat();
  return nativeHeader('mach-o', archs);
}

function peHeader(head: Buffer): NativeHeader | undefined {
  const at = head.readUInt32LE(0x3c);
  if (at + 6 > head.length || head.readUInt32BE(at) !== 0x5045_0000) return undefined;
  return nativeHeader('pe', named(peMachines, head.readUInt16LE(at + 4)));
}

const platforms = { elf: 'linux', 'mach-o': 'darwin', pe: 'win32' } as const;

function nativeHeader(format: NativeHeader['format'], archs: readonly string[]): NativeHeader {
  return { format, platform: platforms[format], archs, libc: undefined };
}

function named(table: Readonly<Record<number, string>>, code: number): readonly string[] {
  return [table[code] ?? `machine 0x${code.toString(16)}`];
}

function readHead(file: string, bytes: number = headBytes): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, 0));
  } finally {
    closeSync(descriptor);
  }
}
