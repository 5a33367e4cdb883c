import path from 'node:path';
import { z } from 'zod';

/** Runs `go` with these arguments in the function's directory, for the target; returns its stdout. */
export type RunGo = (args: readonly string[]) => Promise<string>;

const environmentSchema = z.object({
  GOMODCACHE: z.string(),
  GOMOD: z.string(),
  GOWORK: z.string().default(''),
});

/**
 * Makes `go list` print one line for each file of every package outside the standard library, and
 * one for the go.mod of the package's module: `<kind>\t<directory>\t<name>`.
 */
const listFormat = [
  '{{if not .Standard}}{{$d := .Dir}}',
  ...['GoFiles', 'SFiles', 'HFiles'].map(
    (field) => `{{range .${field}}}file\t{{$d}}\t{{.}}\n{{end}}`,
  ),
  '{{range .EmbedFiles}}embed\t{{$d}}\t{{.}}\n{{end}}',
  '{{with .Module}}{{if .GoMod}}module\t\t{{.GoMod}}\n{{end}}{{end}}',
  '{{end}}',
].join('');

/**
 * Lists all first-party files that a Go binary was made of: the Go files of the program and of the
 * packages beside it (in its own module, in the workspace's modules, replaced and vendored ones),
 * the files they embed, and the files that fix the versions of other modules. Modules in Go's
 * module cache are left out, because go.sum fixes their content. Absolute, sorted. The list
 * contains missing files as well: Go looks for them, so their appearance can change the binary.
 */
export async function goInputs(
  mainFile: string,
  subject: readonly string[],
  go: RunGo,
): Promise<readonly string[]> {
  const directory = path.dirname(mainFile);
  const listed = await go(['list', '-deps', '-tags', 'lambda.norpc', '-f', listFormat, ...subject]);
  const { GOMODCACHE, GOMOD, GOWORK } = environmentSchema.parse(
    JSON.parse(await go(['env', '-json', 'GOMODCACHE', 'GOMOD', 'GOWORK'])),
  );
  const inputs = new Set<string>([mainFile]);
  const mainModuleFiles = [GOMOD, GOWORK].filter(
    (file) => path.isAbsolute(file) && file !== '/dev/null',
  );
  const moduleFiles = new Set(mainModuleFiles);
  for (const line of listed.split('\n')) {
    const [kind, where = '', name] = line.split('\t');
    if (name === undefined) continue;
    const file = path.resolve(directory, where, name);
    if (isInside(GOMODCACHE, file)) continue;
    if (kind === 'module') moduleFiles.add(file);
    else inputs.add(file);
    if (kind === 'embed') {
      for (const each of directoriesOf(name)) inputs.add(path.join(where, each));
    }
  }
  for (const file of moduleFiles) {
    inputs.add(file);
    inputs.add(file.endsWith('.work') ? `${file}.sum` : path.join(path.dirname(file), 'go.sum'));
  }
  for (const file of mainModuleFiles) {
    inputs.add(path.join(path.dirname(file), 'vendor', 'modules.txt'));
  }
  return [...inputs].toSorted();
}

/**
 * Returns the directories of an embedded file, as in `a/b/c.txt` → `a/b`, `a`: a new file in one of
 * them may be embedded as well.
 */
function directoriesOf(name: string): readonly string[] {
  const directories: string[] = [];
  for (let at = path.dirname(name); at !== '.'; at = path.dirname(at)) directories.push(at);
  return directories;
}

function isInside(directory: string, file: string): boolean {
  return directory !== '' && file.startsWith(directory + path.sep);
}
