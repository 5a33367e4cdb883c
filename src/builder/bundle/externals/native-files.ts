import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BundleTarget } from '../contract/bundle-options.ts';
import { perVersion } from '../memory/per-version.ts';
import { sharedObject } from '../native/executable.ts';
import { readNativeHeader, type NativeHeader } from '../native/native-header.ts';

/** A file with machine code, and whether the target can run it. */
export interface NativeFile {
  readonly file: string;
  readonly header: NativeHeader;
  readonly fits: boolean;
}

/**
 * Extensions of text and data, which never start with an executable header. Files with these
 * extensions are not opened.
 */
const neverNative =
  /\.(?:[cm]?[jt]sx?|json|map|md|txt|css|html|wasm|ya?ml|png|jpe?g|svg|gif|ttf|otf|woff2?|proto|pug|ejs|hbs)$/i;

/** Reads which machine a file is for; undefined when the file has no machine code. */
export function inspectNative(file: string, target: BundleTarget): NativeFile | undefined {
  const header = nativeHeaderOf(file);
  if (header === undefined) return undefined;
  const withLibc =
    header.format === 'elf' && sharedObject.test(file) ? { ...header, libc: libcOf(file) } : header;
  return { file, header: withLibc, fits: fits(withLibc, target) };
}

/** Describes a machine in messages, as in `linux x64 (musl)`. */
export function describeHeader({ platform, archs, libc }: NativeHeader): string {
  return `${platform} ${archs.join('+')}${libc === undefined ? '' : ` (${libc})`}`;
}

function nativeHeaderOf(file: string): NativeHeader | undefined {
  return neverNative.test(file) ? undefined : readNativeHeader(file);
}

function fits({ platform, archs, libc }: NativeHeader, target: BundleTarget): boolean {
  if (platform !== target.platform || !archs.includes(target.arch)) return false;
  return libc === undefined || target.platform !== 'linux' || libc === target.libc;
}

/** Returns the C library of a shared object, whose name is in the object's string table. */
const libcOf = perVersion((file): NativeHeader['libc'] => {
  const bytes = readFileSync(file);
  if (bytes.includes('libc.musl-')) return 'musl';
  // An object that links only libraries which Node itself has loaded shows its C library only in
  // the name of its file.
  if (/musl/.test(path.basename(file))) return 'musl';
  return bytes.includes('libc.so.6') ? 'glibc' : undefined;
});
