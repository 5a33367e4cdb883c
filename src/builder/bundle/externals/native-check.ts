import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BundleTarget } from '../contract/bundle.ts';
import { readNativeHeader, type NativeHeader } from './native-header.ts';

/** A file with machine code, and whether the target can run it. */
export interface NativeFile {
  readonly file: string;
  readonly header: NativeHeader;
  readonly fits: boolean;
}

/**
 * Text and data never start with an executable header; asking only the others saves opening every
 * file.
 */
const neverNative =
  /\.(?:[cm]?[jt]sx?|json|map|md|txt|css|html|wasm|ya?ml|png|jpe?g|svg|gif|ttf|otf|woff2?|proto|pug|ejs|hbs)$/i;

/** Reads what machine a file is for; undefined when it has no machine code. */
export function inspectNative(file: string, target: BundleTarget): NativeFile | undefined {
  if (neverNative.test(file)) return undefined;
  const header = readNativeHeader(file);
  if (header === undefined) return undefined;
  const full =
    header.format === 'elf' && /\.node$|\.so(?:\.|$)/.test(file) ? withLibc(header, file) : header;
  return { file, header: full, fits: fits(full, target) };
}

/** `linux x64 (musl)`, for messages. */
export function describeHeader(header: NativeHeader): string {
  return `${header.platform} ${header.archs.join('+')}${header.libc === undefined ? '' : ` (${header.libc})`}`;
}

/** The command that installs a package's binaries for the target. */
export function installCommand(target: BundleTarget, packageName: string): string {
  const libc = target.platform === 'linux' ? ` --libc=${target.libc}` : '';
  return `npm install --os=${target.platform} --cpu=${target.arch}${libc} ${packageName}`;
}

function fits(header: NativeHeader, target: BundleTarget): boolean {
  if (header.platform !== target.platform || !header.archs.includes(target.arch)) return false;
  return header.libc === undefined || target.platform !== 'linux' || header.libc === target.libc;
}

/** The C library that a shared object asks for is among the names in its string table. */
function withLibc(header: NativeHeader, file: string): NativeHeader {
  const bytes = readFileSync(file);
  if (bytes.includes('libc.musl-')) return { ...header, libc: 'musl' };
  // A name in the path settles it for objects that link nothing but what Node itself has loaded.
  if (/musl/.test(path.basename(file))) return { ...header, libc: 'musl' };
  return bytes.includes('libc.so.6') ? { ...header, libc: 'glibc' } : header;
}
