import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Entry } from './entry.ts';
import { problem, type Found } from './found.ts';
import { sourceExtensions } from './source-extensions.ts';

/**
 * Identifies a child directory of a functions directory. It is a function if it contains
 * `<dir>.<ext>` or `index.<ext>` (Go: `<dir>.go` or `main.go`).
 */
export async function scanFunctionDirectory(
  functionsDirectory: string,
  directory: string,
): Promise<Found[]> {
  const name = path.basename(directory);
  const files = new Set(await readdir(directory));
  const go = [`${name}.go`, 'main.go'].find((file) => files.has(file));
  const candidates = [...javaScriptFiles(files, name), ...(go === undefined ? [] : [go])];
  const [first, second] = candidates;
  if (first === undefined) {
    return files.has('Cargo.toml') ? [rustProblem(name, path.join(directory, 'Cargo.toml'))] : [];
  }
  const mainFile = path.join(directory, first);
  const entry: Entry = {
    kind: first === go ? 'go-source' : 'javascript',
    name,
    mainFile,
    functionsDirectory,
    directory,
  };
  if (second === undefined) return [{ entry }];
  const isDecided = go === undefined;
  const conflict = problem({
    severity: isDecided ? 'warning' : 'error',
    code: 'FUNCTION_CONFLICT',
    file: path.join(directory, second),
    message: `The function directory ${name} has two files that could start it: ${first} and ${second}.${isDecided ? ` As on Netlify, ${first} is taken.` : ''}`,
    hint: `Keep one of them: ${name}${path.extname(first)} or index${path.extname(first)}.`,
    functionName: name,
  });
  return isDecided ? [{ entry }, conflict] : [conflict];
}

/** The files that could start a function directory. As on Netlify, `a/a.ts` wins over `a/index.ts`. */
function javaScriptFiles(files: ReadonlySet<string>, directoryName: string): readonly string[] {
  const [own = [], index = []] = [directoryName, 'index'].map((name) =>
    sourceExtensions.map((extension) => name + extension).filter((file) => files.has(file)),
  );
  return own.length > 0 ? own : index;
}

function rustProblem(name: string, file: string): Found {
  return problem({
    severity: 'warning',
    code: 'RUNTIME_UNSUPPORTED',
    file,
    message: `${name} is a Rust function; bgfn builds JavaScript, TypeScript and Go.`,
    hint: 'Build it yourself and put the zip into the functions directory.',
  });
}
