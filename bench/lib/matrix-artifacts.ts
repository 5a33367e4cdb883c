import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { MatrixBuild } from './matrix-contenders.ts';
import { projectSecrets, secretText } from './matrix-project.ts';

const execute = promisify(execFile);
const invokeTimeoutMs = 60_000;

/** The artifact that a contender built from a function. */
export interface BuiltArtifact {
  /** The entry file; undefined when the build failed. */
  readonly entry?: string;
  readonly error?: string;
  readonly buildMs: number;
}

/** Artifacts by contender, then by function. */
export type BuiltArtifacts = Readonly<Record<string, Readonly<Record<string, BuiltArtifact>>>>;

/** The response of an artifact to one call. */
export interface ArtifactAnswer {
  readonly ok: boolean;
  readonly text: string;
  readonly importMs?: number;
  /** Time from the start of the import to the response, in ms. */
  readonly answerMs?: number;
}

export interface MatrixBuildOptions {
  readonly scratch: string;
  readonly project: string;
  readonly contenders: ReadonlyMap<string, MatrixBuild>;
  /** Names of the functions. */
  readonly names: readonly string[];
}

/**
 * Builds every function with every contender. The outcome is written to a file, which `readBuilt`
 * reads.
 */
export async function buildAll({
  scratch,
  project,
  contenders,
  names,
}: MatrixBuildOptions): Promise<BuiltArtifacts> {
  const all: Record<string, Record<string, BuiltArtifact>> = {};
  for (const [contender, build] of contenders) {
    await rm(path.join(scratch, 'out', contender), { recursive: true, force: true });
    const own: Record<string, BuiltArtifact> = {};
    for (const name of names) {
      const output = artifactDirectory(scratch, contender, name);
      own[name] = await buildOne(build, path.join(project, 'functions', `${name}.mts`), output);
    }
    all[contender] = own;
  }
  await writeFile(recordFile(scratch), JSON.stringify(all));
  return all;

  async function buildOne(
    build: MatrixBuild,
    source: string,
    output: string,
  ): Promise<BuiltArtifact> {
    await mkdir(output, { recursive: true });
    const startedAt = performance.now();
    try {
      const entry = await build(source, project, output);
      return { entry, buildMs: performance.now() - startedAt };
    } catch (error) {
      return { error: messageOf(error), buildMs: performance.now() - startedAt };
    }
  }
}

/** Reads the artifacts of an earlier run. */
export async function readBuilt(scratch: string): Promise<BuiltArtifacts> {
  const built: BuiltArtifacts = JSON.parse(await readFile(recordFile(scratch), 'utf8'));
  return built;
}

function recordFile(scratch: string): string {
  return path.join(scratch, 'out', 'built.json');
}

export function artifactDirectory(scratch: string, contender: string, name: string): string {
  return path.join(scratch, 'out', contender, name);
}

/** Calls an artifact once, in a fresh process with an empty environment. */
export async function callArtifact(built: BuiltArtifact | undefined): Promise<ArtifactAnswer> {
  if (built?.entry === undefined) return { ok: false, text: `build: ${built?.error ?? ''}` };
  const { entry } = built;
  const script = path.join(import.meta.dirname, 'invoke-artifact.ts');
  try {
    const { stdout } = await execute(process.execPath, [script, entry], {
      cwd: path.dirname(entry),
      timeout: invokeTimeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 26,
      env: { PATH: process.env['PATH'], HOME: tmpdir() },
    });
    const answer: ArtifactAnswer = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    return answer;
  } catch (error) {
    return { ok: false, text: messageOf(error) };
  }
}

/** Returns the files of an artifact that are secrets of the project; relative to the artifact. */
export async function secretsIn(directory: string): Promise<readonly string[]> {
  const names = new Set(projectSecrets.map((secret) => path.basename(secret)));
  const found: string[] = [];
  for (const item of await readdir(directory, { withFileTypes: true, recursive: true })) {
    const file = path.join(item.parentPath, item.name);
    if (!item.isFile() || !names.has(item.name)) continue;
    if ((await readFile(file, 'utf8')) === secretText) found.push(path.relative(directory, file));
  }
  return found;
}

/** Total bytes of all files below a directory. */
export async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const item of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (item.isFile()) bytes += (await stat(path.join(item.parentPath, item.name))).size;
  }
  return bytes;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
