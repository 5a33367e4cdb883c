import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { problem, type Found } from './found.ts';
import { looksLikeExecutable, readGoBinary } from './go-binary.ts';
import { sourceExtensions } from './source-extensions.ts';

/**
 * Endings of the names of type declarations, tests and configurations of tools. No such file is a
 * function: the dot alone cannot be in a function's name.
 */
const toolFile =
  /\.(?:d|test|spec|test-d|e2e|bench|mock|stories|config|setup)\.(?:[cm]?[jt]s|tsx)$/;

/** Identifies a file in a functions directory by its name or its first bytes. */
export async function scanFile(functionsDirectory: string, file: string): Promise<Found[]> {
  const base = path.basename(file);
  const extension = path.extname(base);
  const name = path.basename(base, extension);
  const entry = { name, mainFile: file, functionsDirectory };
  if (extension === '.zip') return [{ entry: { kind: 'zip', ...entry } }];
  if (sourceExtensions.includes(extension)) {
    return toolFile.test(base) ? [] : [{ entry: { kind: 'javascript', ...entry } }];
  }
  if (extension === '.go') {
    return (await isGoProgram(file)) ? [{ entry: { kind: 'go-source', ...entry } }] : [];
  }
  return await scanBinary(functionsDirectory, file, name);
}

/** Whether a Go file is a program. Other Go files belong to packages that functions import. */
async function isGoProgram(file: string): Promise<boolean> {
  return !file.endsWith('_test.go') && /^package\s+main\b/m.test(await readFile(file, 'utf8'));
}

async function scanBinary(
  functionsDirectory: string,
  file: string,
  name: string,
): Promise<Found[]> {
  if (!(await startsLikeExecutable(file))) return [];
  const base = path.basename(file);
  const info = readGoBinary(await readFile(file));
  if (info === undefined) {
    return [
      problem({
        severity: 'warning',
        code: 'BINARY_NOT_GO',
        file,
        message: `${base} is an executable without Go build information; it is not a function.`,
        hint: 'A Go function is built with Go 1.18 or later. Move other programs out of the functions directory.',
      }),
    ];
  }
  const { goos = 'linux', goarch } = info;
  if (goos !== 'linux' || (goarch !== 'amd64' && goarch !== 'arm64')) {
    return [
      problem({
        code: 'BINARY_WRONG_PLATFORM',
        file,
        message: `The Go function ${name} was built for ${goos}/${goarch ?? 'an unknown CPU'}; functions run on linux/amd64 or linux/arm64.`,
        hint: `Build it with: CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -tags lambda.norpc -o ${base}`,
        functionName: name,
      }),
    ];
  }
  const architecture = goarch === 'amd64' ? 'x64' : 'arm64';
  return [{ entry: { kind: 'go-binary', name, mainFile: file, functionsDirectory, architecture } }];
}

async function startsLikeExecutable(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return looksLikeExecutable(buffer.subarray(0, bytesRead));
}
