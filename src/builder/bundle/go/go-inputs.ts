import path from 'node:path';
import { z } from 'zod';

/** Runs `go` with these arguments in the function's directory, for the target; gives its stdout. */
export type RunGo = (args: readonly string[]) => Promise<string>;

const environmentSchema = z.object({
  GOMODCACHE: z.string(),
  GOMOD: z.string(),
  GOWORK: z.string().default(''),
});

/**
 * Prints a line for each file of every package that is not Go's own, and for the go.mod of its
 * module: `<kind>\t<directory>\t<name>`.
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
 * Everything first-party a Go binary was made of: the Go files of the program and of the packages
 * beside it (its own module, the workspace's, replaced and vendored ones), what they embed, and the
 * files that say which versions of the others are taken. Modules in Go's module cache are left out:
 * go.sum names their content. Absolute, sorted. A path that does not exist is one where Go looked.
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

/** `a/b/c.txt` → `a/b`, `a`: a new file there may be embedded as well. */
function directoriesOf(name: string): readonly string[] {
  const directories: string[] = [];
  for (let at = path.dirname(name); at !== '.'; at = path.dirname(at)) directories.push(at);
  return directories;
}

function isInside(directory: string, file: string): boolean {
  return directory !== '' && file.startsWith(directory + path.sep);
}
