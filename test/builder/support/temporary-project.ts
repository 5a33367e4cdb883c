import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TemporaryProject extends AsyncDisposable {
  readonly directory: string;
  readonly path: (...parts: string[]) => string;
  readonly write: (files: Record<string, string | Uint8Array>) => Promise<void>;
}

/** Creates a directory with the files. The directory is removed at the end of `await using`. */
export async function temporaryProject(
  files: Record<string, string | Uint8Array> = {},
): Promise<TemporaryProject> {
  const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'bgfn-test-')));
  const write = async (more: Record<string, string | Uint8Array>): Promise<void> => {
    for (const [name, content] of Object.entries(more)) {
      await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
      await writeFile(path.join(directory, name), content);
    }
  };
  await write(files);
  return {
    directory,
    path: (...parts) => path.join(directory, ...parts),
    write,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Links `<name>` in the project's node_modules to a directory. */
export async function linkModule(
  project: TemporaryProject,
  name: string,
  target: string,
): Promise<void> {
  const link = project.path('node_modules', name);
  await mkdir(path.dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(target, link);
}
