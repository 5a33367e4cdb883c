import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { MatrixCase } from '../../test/builder/bundle/matrix/cases.ts';
import { repository } from './project.ts';

const execute = promisify(execFile);
const source = path.join(repository, 'fixtures/bundle/matrix');
/** Most bytes of npm's output. */
const maxBuffer = 2 ** 26;

/** Suffix of the project directory's name while the project is hidden from the artifacts. */
export const hiddenSuffix = '.hidden';

/**
 * Files beside the functions that no function names. A packager that copies one of them into an
 * artifact publishes a secret.
 */
export const projectSecrets: readonly string[] = [
  'private/key.pem',
  'secrets/x',
  '.env',
  '.git/config',
];
export const secretText = 'the secret of the matrix project';

async function writeSecrets(directory: string): Promise<void> {
  for (const secret of projectSecrets) {
    const file = path.join(directory, secret);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, secretText);
  }
}

/**
 * Copies fixtures/bundle/matrix to the scratch directory and installs its packages. All packages
 * together take two gigabytes, so a first installation has only the packages of the chosen cases.
 */
export async function prepareMatrixProject(
  scratch: string,
  chosen: readonly MatrixCase[],
): Promise<string> {
  const directory = path.join(scratch, 'project');
  // An interrupted run leaves the project hidden.
  await rename(`${directory}${hiddenSuffix}`, directory).catch(() => undefined);
  await mkdir(directory, { recursive: true });
  await cp(source, directory, { recursive: true, verbatimSymlinks: true });
  await writeSecrets(directory);
  if (!(await exists(path.join(directory, 'node_modules')))) await install(directory, chosen);
  return realpath(directory);
}

async function install(directory: string, chosen: readonly MatrixCase[]): Promise<void> {
  const file = path.join(directory, 'package.json');
  const json: { dependencies: Record<string, string> } = JSON.parse(await readFile(file, 'utf8'));
  const texts = await Promise.all(
    chosen.map(async ({ name, needs = [] }) => {
      const text = await readFile(path.join(directory, 'functions', `${name}.mts`), 'utf8');
      return [text, ...needs].join('\n');
    }),
  );
  const dependencies = Object.fromEntries(
    Object.entries(json.dependencies).filter(([name]) => texts.some((text) => text.includes(name))),
  );
  await writeFile(file, JSON.stringify({ ...json, dependencies }, undefined, 2));
  await execute('npm', ['install', '--no-audit', '--no-fund'], { cwd: directory, maxBuffer });
}

/** Installs Netlify's packager into a directory of the scratch directory. */
export async function installMatrixPeers(scratch: string): Promise<string> {
  const directory = path.join(scratch, 'peers');
  await mkdir(directory, { recursive: true });
  if (!(await exists(path.join(directory, 'node_modules')))) {
    const packages = ['@netlify/zip-it-and-ship-it'];
    const flags = ['--prefix', directory, '--no-audit', '--no-fund'];
    await execute('npm', ['install', ...flags, ...packages], { maxBuffer });
  }
  return directory;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
