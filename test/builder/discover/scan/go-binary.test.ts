import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGoBinary } from '../../../../src/builder/discover/scan/go-binary.ts';
import { scan } from '../../../../src/builder/discover/scan/scan.ts';
import { discoverSite } from '../support/temporary-site.ts';

const run = promisify(execFile);

async function goIsHere(): Promise<boolean> {
  try {
    await run('go', ['version']);
    return true;
  } catch {
    return false;
  }
}

const hasGo = await goIsHere();
describe.runIf(hasGo)('binaries that Go builds (skipped where `go` is not on the PATH)', () => {
  let directory = '';
  const targets = [
    ['linux', 'amd64'],
    ['linux', 'arm64'],
    ['linux', '386'],
    ['darwin', 'arm64'],
    ['windows', 'amd64'],
  ] as const;
  const fileOf = (goos: string, goarch: string): string =>
    path.join(directory, `${goos}-${goarch}`);

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'bgfn-go-'));
    await writeFile(path.join(directory, 'go.mod'), 'module example.test/hello\n\ngo 1.21\n');
    await writeFile(
      path.join(directory, 'main.go'),
      'package main\n\nfunc main() { println("hello") }\n',
    );
    for (const [goos, goarch] of targets) {
      await run('go', ['build', '-ldflags=-s -w', '-o', fileOf(goos, goarch), '.'], {
        cwd: directory,
        env: { ...process.env, CGO_ENABLED: '0', GOOS: goos, GOARCH: goarch },
      });
    }
  }, 300_000);
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  test.each(targets)('%s/%s is read as `go version -m` reads it', async (goos, goarch) => {
    const { stdout } = await run('go', ['version', '-m', fileOf(goos, goarch)]);
    const field = (name: string): string | undefined =>
      new RegExp(String.raw`^\t${name}[\t=](\S+)`, 'm').exec(
        stdout.replaceAll('\tbuild\t', '\t'),
      )?.[1];
    expect(readGoBinary(await readFile(fileOf(goos, goarch)))).toEqual({
      goVersion: /: (\S+)/.exec(stdout)?.[1],
      goos: field('GOOS'),
      goarch: field('GOARCH'),
      modulePath: field('path'),
    });
  });

  test('are read without their section table too', async () => {
    const bytes = await readFile(fileOf('linux', 'amd64'));
    bytes.writeBigUInt64LE(0n, 0x28);
    bytes.writeUInt16LE(0, 0x3c);
    expect(readGoBinary(bytes)).toMatchObject({ goos: 'linux', goarch: 'amd64' });
  });

  test('are refused without a crash when they are cut off anywhere', async () => {
    const bytes = await readFile(fileOf('linux', 'amd64'));
    for (const length of [0, 3, 4, 15, 40, 63, 64, 65, 4096]) {
      expect(readGoBinary(bytes.subarray(0, length))).toBeUndefined();
    }
    for (let length = 64; length < bytes.length; length += 131_071) {
      expect(() => readGoBinary(bytes.subarray(0, length))).not.toThrow();
    }
  });

  test('are functions if they are for Linux, and otherwise an error that says how to build them', async () => {
    const { entries, diagnostics } = await scan([directory]);
    expect(entries.filter(({ kind }) => kind === 'go-binary')).toEqual([
      {
        kind: 'go-binary',
        name: 'linux-amd64',
        mainFile: fileOf('linux', 'amd64'),
        functionsDirectory: directory,
        architecture: 'x64',
      },
      {
        kind: 'go-binary',
        name: 'linux-arm64',
        mainFile: fileOf('linux', 'arm64'),
        functionsDirectory: directory,
        architecture: 'arm64',
      },
    ]);
    expect(
      diagnostics.map(({ code, message }) => [code, /built for (\S+);/.exec(message)?.[1]]),
    ).toEqual(
      expect.arrayContaining([
        ['BINARY_WRONG_PLATFORM', 'linux/386'],
        ['BINARY_WRONG_PLATFORM', 'darwin/arm64'],
        ['BINARY_WRONG_PLATFORM', 'windows/amd64'],
      ]),
    );
    expect(diagnostics[0]?.hint).toContain('GOOS=linux GOARCH=amd64 go build');
  });

  test('are background functions if their names end in -background', async () => {
    const { specs } = await discoverSite({
      'netlify/functions/work-background': await readFile(fileOf('linux', 'arm64')),
    });
    expect(specs).toMatchObject([
      {
        name: 'work-background',
        mode: 'background',
        entry: { kind: 'go-binary', architecture: 'arm64' },
        timeoutSeconds: 900,
      },
    ]);
  });
});

test('a file that is not an executable is not a Go binary', () => {
  expect(readGoBinary(Buffer.from('#!/bin/sh\necho hello\n'))).toBeUndefined();
  expect(
    readGoBinary(Buffer.concat([Buffer.from('7f454c46', 'hex'), Buffer.alloc(60, 0xff)])),
  ).toBeUndefined();
});
