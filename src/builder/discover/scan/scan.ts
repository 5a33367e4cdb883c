import type { Dirent } from 'node:fs';
import { open, readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import type { DiagnosticCode } from '../../../diagnostic/codes.ts';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import { messageOf, systemErrorCode } from '../../../diagnostic/system-error.ts';
import { functionNamePattern } from '../../../manifest/schema.ts';
import type { Entry } from './entry.ts';
import { looksLikeExecutable, readGoBinary } from './go-binary.ts';

export interface ScanResult {
  /** Sorted by name; no two of one name. */
  readonly entries: readonly Entry[];
  readonly diagnostics: readonly Diagnostic[];
}

type Found = { readonly entry: Entry } | { readonly diagnostic: Diagnostic };

/** In the order in which a directory function's file is looked for, as Netlify does it. */
const sourceExtensions = ['.js', '.ts', '.mjs', '.cjs', '.tsx', '.mts', '.cts'];
const declarationFile = /\.d\.[cm]?ts$/;
/** The name of Netlify's own entry file inside an artifact. */
const reservedName = '___netlify-entry-point';

/**
 * Finds the functions among the immediate children of each directory: by file name, and for files
 * without a known extension by their first bytes. A conflict or an invalid name is an error that
 * names the files; the other functions are still returned.
 *
 * @param functionsDirectories Absolute, in rising precedence: a function of a later directory
 *   replaces its namesake
 * @throws {BgfnError} Kind `config` when a directory cannot be read
 */
export async function scan(functionsDirectories: readonly string[]): Promise<ScanResult> {
  const perDirectory = await Promise.all(
    functionsDirectories.map(async (directory) => await scanDirectory(directory)),
  );
  const diagnostics: Diagnostic[] = [];
  const byName = new Map<string, Entry>();
  for (const found of perDirectory) {
    const entries: Entry[] = [];
    for (const one of found) {
      if ('diagnostic' in one) {
        diagnostics.push(one.diagnostic);
      } else if (functionNamePattern.test(one.entry.name) && one.entry.name !== reservedName) {
        entries.push(one.entry);
      } else {
        diagnostics.push(invalidName(one.entry));
      }
    }
    const { unique, conflicts } = separateConflicts(entries);
    diagnostics.push(...conflicts);
    for (const entry of unique) byName.set(entry.name, entry);
  }
  // Two directories may each hold a name; names that differ in case alone cannot live together in one output directory.
  const { unique, conflicts } = separateConflicts([...byName.values()]);
  return {
    entries: unique.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    diagnostics: [...diagnostics, ...conflicts],
  };
}

async function scanDirectory(functionsDirectory: string): Promise<Found[]> {
  let children: Dirent[];
  try {
    children = await readdir(functionsDirectory, { withFileTypes: true });
  } catch (error) {
    throw new BgfnError(
      'FUNCTIONS_DIRECTORY_UNREADABLE',
      `The functions directory ${functionsDirectory} cannot be read: ${messageOf(error)}.`,
      {
        kind: 'config',
        cause: error,
      },
    );
  }
  const visible = children.filter(({ name }) => name !== 'node_modules' && !name.startsWith('.'));
  const found = await Promise.all(
    visible.map(async (child) => await scanChild(functionsDirectory, child)),
  );
  return found.flat();
}

async function scanChild(functionsDirectory: string, child: Dirent): Promise<Found[]> {
  try {
    return await identify(functionsDirectory, child);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    // Removed since the directory was listed, as happens in watch mode.
    if (code === 'ENOENT') return [];
    return [
      problem(
        'FUNCTION_UNREADABLE',
        path.join(functionsDirectory, child.name),
        `${child.name} cannot be read: ${messageOf(error)}.`,
        'Check its permissions, or move it out of the functions directory.',
      ),
    ];
  }
}

async function identify(functionsDirectory: string, child: Dirent): Promise<Found[]> {
  const file = path.join(functionsDirectory, child.name);
  let isDirectory = child.isDirectory();
  if (child.isSymbolicLink()) {
    try {
      isDirectory = (await stat(file)).isDirectory();
    } catch {
      return [
        problem(
          'FUNCTION_UNREADABLE',
          file,
          `${child.name} is a symbolic link to something that does not exist.`,
          'Remove the link or mend its target.',
        ),
      ];
    }
  } else if (!isDirectory && !child.isFile()) {
    return [];
  }
  return isDirectory
    ? await scanFunctionDirectory(functionsDirectory, file)
    : await scanFile(functionsDirectory, file);
}

/**
 * A directory is a function if it holds `<dir>.<ext>` or `index.<ext>` (Go: `<dir>.go` or
 * `main.go`).
 */
async function scanFunctionDirectory(
  functionsDirectory: string,
  directory: string,
): Promise<Found[]> {
  const name = path.basename(directory);
  const files = new Set(await readdir(directory));
  const own = sourceExtensions
    .map((extension) => `${name}${extension}`)
    .filter((file) => files.has(file));
  const index = sourceExtensions
    .map((extension) => `index${extension}`)
    .filter((file) => files.has(file));
  const go = [`${name}.go`, 'main.go'].find((file) => files.has(file));

  // `a/a.ts` beside `a/index.ts`: the name of the directory wins, as with Netlify.
  const sources = own.length > 0 ? own : index;
  const candidates = [...sources, ...(go === undefined ? [] : [go])];
  const [first, second] = candidates;
  if (first === undefined) {
    return files.has('Cargo.toml')
      ? [
          problem(
            'RUNTIME_UNSUPPORTED',
            path.join(directory, 'Cargo.toml'),
            `${name} is a Rust function; bgfn builds JavaScript, TypeScript and Go.`,
            'Build it yourself and put the zip into the functions directory.',
            'warning',
          ),
        ]
      : [];
  }
  if (second !== undefined) {
    return [
      problem(
        'FUNCTION_CONFLICT',
        path.join(directory, second),
        `The function directory ${name} has two files that could start it: ${first} and ${second}.`,
        `Keep one of them: ${name}${path.extname(first)} or index${path.extname(first)}.`,
        'error',
        name,
      ),
    ];
  }
  return [
    {
      entry: {
        kind: first === go ? 'go-source' : 'javascript',
        name,
        mainFile: path.join(directory, first),
        functionsDirectory,
        directory,
      },
    },
  ];
}

async function scanFile(functionsDirectory: string, file: string): Promise<Found[]> {
  const base = path.basename(file);
  const extension = path.extname(base);
  const name = path.basename(base, extension);
  const entry = { name, mainFile: file, functionsDirectory };
  if (extension === '.zip') return [{ entry: { kind: 'zip', ...entry } }];
  if (sourceExtensions.includes(extension)) {
    return declarationFile.test(base) ? [] : [{ entry: { kind: 'javascript', ...entry } }];
  }
  if (extension === '.go') {
    // A functions directory may hold helper packages' files; a program says `package main`.
    if (base.endsWith('_test.go') || !/^package\s+main\b/m.test(await readFile(file, 'utf8'))) {
      return [];
    }
    return [{ entry: { kind: 'go-source', ...entry } }];
  }
  return await scanBinary(functionsDirectory, file, name);
}

async function scanBinary(
  functionsDirectory: string,
  file: string,
  name: string,
): Promise<Found[]> {
  if (!(await startsLikeExecutable(file))) return [];
  const info = readGoBinary(await readFile(file));
  if (info === undefined) {
    return [
      problem(
        'BINARY_NOT_GO',
        file,
        `${path.basename(file)} is an executable without Go build information; it is not a function.`,
        'A Go function is built with Go 1.18 or later. Move other programs out of the functions directory.',
        'warning',
      ),
    ];
  }
  const { goos, goarch } = info;
  if ((goos ?? 'linux') !== 'linux' || (goarch !== 'amd64' && goarch !== 'arm64')) {
    return [
      problem(
        'BINARY_WRONG_PLATFORM',
        file,
        `The Go function ${name} was built for ${goos ?? 'linux'}/${goarch ?? 'an unknown CPU'}; functions run on linux/amd64 or linux/arm64.`,
        `Build it with: CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -tags lambda.norpc -o ${path.basename(file)}`,
        'error',
        name,
      ),
    ];
  }
  return [
    {
      entry: {
        kind: 'go-binary',
        name,
        mainFile: file,
        functionsDirectory,
        architecture: goarch === 'amd64' ? 'x64' : 'arm64',
      },
    },
  ];
}

async function startsLikeExecutable(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return looksLikeExecutable(buffer.subarray(0, bytesRead));
}

/**
 * Takes out entries whose names are equal, or differ in case alone; each group gives one error
 * naming its files.
 */
function separateConflicts(entries: readonly Entry[]): {
  unique: Entry[];
  conflicts: Diagnostic[];
} {
  const unique: Entry[] = [];
  const conflicts: Diagnostic[] = [];
  for (const group of Map.groupBy(entries, ({ name }) => name.toLowerCase()).values()) {
    const [first, second] = group.toSorted((a, b) => (a.mainFile < b.mainFile ? -1 : 1));
    if (first === undefined || second === undefined) {
      unique.push(...group);
      continue;
    }
    const files = group
      .map(({ mainFile, functionsDirectory }) =>
        path.relative(path.dirname(functionsDirectory), mainFile),
      )
      .toSorted();
    const sameName = first.name === second.name;
    conflicts.push({
      severity: 'error',
      code: 'FUNCTION_CONFLICT',
      message: sameName
        ? `Several files are the function "${first.name}": ${files.join(' and ')}.`
        : `The functions ${files.join(' and ')} have names that differ in upper and lower case alone.`,
      hint: sameName
        ? 'Keep one of them, or rename one.'
        : 'Rename one: their artifacts would be one file on macOS and Windows.',
      location: { file: second.mainFile, line: 1, column: 1 },
      functionName: first.name,
    });
  }
  return { unique, conflicts };
}

function invalidName(entry: Entry): Diagnostic {
  const place = entry.directory ?? entry.mainFile;
  const suggestion = entry.name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return {
    severity: 'error',
    code: 'FUNCTION_NAME_INVALID',
    message:
      entry.name === reservedName
        ? `"${entry.name}" is a reserved name.`
        : `"${entry.name}" cannot be the name of a function: only letters, digits, "-" and "_" can.`,
    hint:
      suggestion === '' || suggestion === entry.name
        ? `Rename ${path.basename(place)}.`
        : `Rename ${path.basename(place)} to ${suggestion}${entry.directory === undefined ? path.extname(place) : ''}, or move it out of the functions directory.`,
    location: { file: entry.mainFile, line: 1, column: 1 },
    functionName: entry.name,
  };
}

function problem(
  code: DiagnosticCode,
  file: string,
  message: string,
  hint: string,
  severity: Diagnostic['severity'] = 'error',
  functionName?: string,
): Found {
  return {
    diagnostic: {
      severity,
      code,
      message,
      hint,
      location: { file, line: 1, column: 1 },
      ...(functionName === undefined ? {} : { functionName }),
    },
  };
}
