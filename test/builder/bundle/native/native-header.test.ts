import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  hasShebang,
  readNativeHeader,
} from '../../../../src/builder/bundle/native/native-header.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'bgfn-native-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function fileOf(fill: (bytes: Buffer) => void, size = 256): Promise<string> {
  const file = path.join(directory, `${Math.random()}`);
  const bytes = Buffer.alloc(size);
  fill(bytes);
  await writeFile(file, bytes);
  return file;
}

test('the executable of the running Node is for this machine', () => {
  expect(readNativeHeader(process.execPath)).toMatchObject({
    platform: process.platform,
    archs: [process.arch],
  });
});

test('an ELF header shows arm64', async () => {
  const file = await fileOf((bytes) => {
    bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
    bytes.writeUInt16LE(0xb7, 18);
  });
  expect(readNativeHeader(file)).toEqual({ format: 'elf', platform: 'linux', archs: ['arm64'] });
});

test('a universal Mach-O header shows both CPUs, and a Java class has no native header', async () => {
  const universal = await fileOf((bytes) => {
    bytes.writeUInt32BE(0xca_fe_ba_be, 0);
    bytes.writeUInt32BE(2, 4);
    bytes.writeUInt32BE(0x0100_0007, 8);
    bytes.writeUInt32BE(0x0100_000c, 28);
  });
  const java = await fileOf((bytes) => {
    bytes.writeUInt32BE(0xca_fe_ba_be, 0);
    bytes.writeUInt32BE(61, 4);
  });
  expect(readNativeHeader(universal)).toEqual({
    format: 'mach-o',
    platform: 'darwin',
    archs: ['x64', 'arm64'],
  });
  expect(readNativeHeader(java)).toBeUndefined();
});

test('the PE header of a DLL is found at the offset in its first header', async () => {
  const file = await fileOf((bytes) => {
    bytes.write('MZ', 0);
    bytes.writeUInt32LE(0x80, 0x3c);
    bytes.write('PE\0\0', 0x80);
    bytes.writeUInt16LE(0x8664, 0x84);
  });
  expect(readNativeHeader(file)).toEqual({ format: 'pe', platform: 'win32', archs: ['x64'] });
});

test('a script, an empty file and a truncated header have no native header', async () => {
  const script = await fileOf((bytes) => bytes.write('#!/bin/sh\n'));
  const empty = await fileOf(() => {}, 0);
  const short = await fileOf((bytes) => bytes.set([0x7f, 0x45, 0x4c, 0x46]), 8);
  expect([script, empty, short].map((file) => readNativeHeader(file))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([script, empty].map((file) => hasShebang(file))).toEqual([true, false]);
});
