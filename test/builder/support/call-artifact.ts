import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TemporaryProject } from './temporary-project.ts';

const execute = promisify(execFile);
const callHandler = path.join(import.meta.dirname, '../bundle/programs/call-handler.ts');

/**
 * Unzips an artifact that was built into `.netlify/functions`, hides the project, and calls the
 * handler in a new process with nothing of the project in reach.
 *
 * @param site The directory that was built, if it is not the project's
 * @returns The body of the response
 * @throws {Error} With what the process printed, when the call fails
 */
export async function callArtifact(
  project: TemporaryProject,
  name: string,
  site: string = project.directory,
): Promise<string> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'bgfn-artifact-')));
  const artifact = path.join(root, 'artifact');
  const hidden = `${project.directory}.hidden`;
  await execute('unzip', ['-q', path.join(site, `.netlify/functions/${name}.zip`), '-d', artifact]);
  const program = path.join(root, 'call-handler.ts');
  await copyFile(callHandler, program);
  await rename(project.directory, hidden);
  try {
    const entry = path.join(artifact, `${name}.mjs`);
    const { stdout } = await execute(process.execPath, [program, entry], {
      cwd: artifact,
      env: {},
    });
    return stdout;
  } finally {
    await rename(hidden, project.directory);
    await rm(root, { recursive: true, force: true });
  }
}
