/**
 * Builds one function per package of test/matrix with bgfn, ZISI and plain esbuild, hides the
 * project, calls every artifact in a fresh process and counts the passes by kind.
 *
 * Node bench/matrix.ts [--only name,name] [--kind kind] [--sample n] [--with bgfn,zisi,esbuild]
 * [--rounds n] [--built] [--peers dir] [--scratch dir] [--json file]
 *
 * `--sample n` takes the first n of each kind, for a quick look. The contenders' artifacts of one
 * function are called in turn, `--rounds` times; the fastest counts, so that what else the machine
 * does tells less. `--built` calls what an earlier run built. Exit 1 when bgfn fails any.
 */
import { execFile } from 'node:child_process';
import {
  cp,
  mkdir,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { matrixCases, type MatrixCase } from '../test/builder/bundle/matrix/cases.ts';
import {
  buildWithBgfn,
  buildWithEsbuild,
  zisiBuild,
  type MatrixBuild,
} from './lib/matrix-contenders.ts';

const execute = promisify(execFile);
const matrixProject = path.resolve(import.meta.dirname, '../fixtures/bundle/matrix');
const invokeTimeoutMs = 60_000;

interface Result {
  readonly name: string;
  readonly kind: string;
  readonly contender: string;
  readonly ok: boolean;
  readonly text: string;
  readonly buildMs: number;
  readonly bytes: number;
  readonly importMs?: number;
  readonly answerMs?: number;
}

interface Built {
  readonly entry?: string;
  readonly error?: string;
  readonly buildMs: number;
}

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    kind: { type: 'string' },
    sample: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    built: { type: 'boolean', default: false },
    with: { type: 'string' },
    peers: { type: 'string' },
    scratch: { type: 'string' },
    json: { type: 'string' },
  },
});

const scratch = path.resolve(flags.scratch ?? path.join(tmpdir(), 'bgfn-matrix'));
const cases = chooseCases();
const project = await prepareProject();
const contenders = await chooseContenders();
const built = await buildAll();
const results = await invokeAll();
printTable();
if (flags.json !== undefined) {
  await writeFile(flags.json, `${JSON.stringify(results, undefined, 1)}\n`);
}
process.exitCode = results.some(({ contender, ok }) => contender === 'bgfn' && !ok) ? 1 : 0;

async function prepareProject(): Promise<string> {
  const directory = path.join(scratch, 'project');
  await rename(`${directory}.hidden`, directory).catch(() => undefined);
  await mkdir(directory, { recursive: true });
  await cp(matrixProject, directory, { recursive: true });
  if (!(await exists(path.join(directory, 'node_modules')))) await install(directory);
  const functions = path.join(directory, 'functions');
  for (const item of matrixCases) {
    await writeFile(path.join(functions, `${item.name}.mts`), sourceOf(item));
  }
  return realpath(directory);
}

/** All packages together take two gigabytes; a sample only gets what its functions speak of. */
async function install(directory: string): Promise<void> {
  const file = path.join(directory, 'package.json');
  const json: { dependencies: Record<string, string> } = JSON.parse(await readFile(file, 'utf8'));
  const text = cases.map((item) => `${sourceOf(item)} ${item.needs?.join(' ') ?? ''}`).join('\n');
  const dependencies = Object.fromEntries(
    Object.entries(json.dependencies).filter(([name]) => text.includes(name)),
  );
  await writeFile(file, JSON.stringify({ ...json, dependencies }, undefined, 2));
  await execute('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: directory,
    maxBuffer: 1 << 26,
  });
}

function sourceOf({ imports, body }: MatrixCase): string {
  return `${imports}\nasync function run() {\n  ${body}\n}\nexport default async () => new Response(String(await run()));\n`;
}

async function chooseContenders(): Promise<readonly (readonly [string, MatrixBuild])[]> {
  const wanted = (flags.with ?? 'bgfn').split(',');
  const all: (readonly [string, MatrixBuild])[] = [];
  if (wanted.includes('bgfn')) all.push(['bgfn', buildWithBgfn]);
  if (wanted.includes('zisi')) all.push(['zisi', await zisiBuild(await peersDirectory())]);
  if (wanted.includes('esbuild')) all.push(['esbuild', buildWithEsbuild]);
  return all;
}

async function peersDirectory(): Promise<string> {
  if (flags.peers !== undefined) return path.resolve(flags.peers);
  const directory = path.join(scratch, 'peers');
  await mkdir(directory, { recursive: true });
  if (!(await exists(path.join(directory, 'node_modules')))) {
    await execute(
      'npm',
      ['install', '--prefix', directory, '--no-audit', '--no-fund', '@netlify/zip-it-and-ship-it'],
      { maxBuffer: 1 << 26 },
    );
  }
  return directory;
}

function chooseCases(): readonly MatrixCase[] {
  const only = flags.only?.split(',');
  const taken = new Map<string, number>();
  return matrixCases.filter(({ name, kind }) => {
    if (
      (only !== undefined && !only.includes(name)) ||
      (flags.kind !== undefined && flags.kind !== kind)
    ) {
      return false;
    }
    taken.set(kind, (taken.get(kind) ?? 0) + 1);
    return flags.sample === undefined || (taken.get(kind) ?? 0) <= Number(flags.sample);
  });
}

async function buildOne(build: MatrixBuild, name: string, output: string): Promise<Built> {
  await mkdir(output, { recursive: true });
  const startedAt = performance.now();
  try {
    const entry = await build(path.join(project, 'functions', `${name}.mts`), project, output);
    return { entry, buildMs: performance.now() - startedAt };
  } catch (error) {
    return {
      error: error instanceof Error ? error.message : String(error),
      buildMs: performance.now() - startedAt,
    };
  }
}

/**
 * What each contender made of each function: contender → function → entry. Kept in a file for
 * `--built`.
 */
async function buildAll(): Promise<Record<string, Record<string, Built>>> {
  const file = path.join(scratch, 'out', 'built.json');
  if (flags.built) return JSON.parse(await readFile(file, 'utf8'));
  const all: Record<string, Record<string, Built>> = {};
  for (const [contender, build] of contenders) {
    const output = path.join(scratch, 'out', contender);
    await rm(output, { recursive: true, force: true });
    const own: Record<string, Built> = {};
    for (const { name } of cases) own[name] = await buildOne(build, name, path.join(output, name));
    all[contender] = own;
  }
  await writeFile(file, JSON.stringify(all));
  return all;
}

/** With the project out of the way, nothing can be found that is not in the artifact. */
async function invokeAll(): Promise<readonly Result[]> {
  await rename(project, `${project}.hidden`);
  try {
    const all: Result[] = [];
    for (const item of cases) {
      const own = new Map<string, Result>();
      for (let round = 0; round < Number(flags.rounds); round += 1) {
        for (const [contender] of contenders) {
          const next = await callOne(contender, item);
          const before = own.get(contender);
          if (before === undefined || !next.ok || (next.answerMs ?? 0) < (before.answerMs ?? 0)) {
            own.set(contender, next);
          }
        }
      }
      for (const one of own.values()) report(one);
      all.push(...own.values());
    }
    return all;
  } finally {
    await rename(`${project}.hidden`, project);
  }
}

async function callOne(contender: string, { name, kind }: MatrixCase): Promise<Result> {
  const one = built[contender]?.[name];
  const outcome =
    one?.entry === undefined
      ? { ok: false, text: `build: ${one?.error ?? ''}` }
      : await invoke(one.entry);
  const bytes = await sizeOf(path.join(scratch, 'out', contender, name));
  return { name, kind, contender, bytes, buildMs: Math.round(one?.buildMs ?? 0), ...outcome };
}

function report({ contender, name, ok, text, buildMs, bytes }: Result): void {
  if (contender !== 'bgfn' && ok) return;
  process.stderr.write(
    `${contender.padEnd(8)} ${ok ? 'pass' : 'FAIL'} ${name.padEnd(22)} ${String(buildMs).padStart(6)} ms ${String(Math.round(bytes / 1024)).padStart(8)} KB  ${ok ? '' : text.split('\n').slice(0, 3).join(' / ')}\n`,
  );
}

async function invoke(
  entry: string,
): Promise<Pick<Result, 'ok' | 'text' | 'importMs' | 'answerMs'>> {
  const script = path.resolve(import.meta.dirname, 'lib/invoke-artifact.ts');
  try {
    const { stdout } = await execute(process.execPath, [script, entry], {
      cwd: path.dirname(entry),
      timeout: invokeTimeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 26,
      env: { PATH: process.env['PATH'], HOME: tmpdir() },
    });
    const answer: Pick<Result, 'ok' | 'text' | 'importMs' | 'answerMs'> = JSON.parse(
      stdout.trim().split('\n').at(-1) ?? '',
    );
    return answer;
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const item of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (item.isFile()) bytes += (await stat(path.join(item.parentPath, item.name))).size;
  }
  return bytes;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function printTable(): void {
  const names = contenders.map(([name]) => name);
  process.stdout.write(
    `| kind | functions | ${names.join(' | ')} |\n|---|---|${names.map(() => '---|').join('')}\n`,
  );
  for (const kind of [...new Set(cases.map((item) => item.kind)), 'all']) {
    const inKind = results.filter((result) => kind === 'all' || result.kind === kind);
    const passes = names.map(
      (name) => inKind.filter(({ contender, ok }) => contender === name && ok).length,
    );
    process.stdout.write(`| ${kind} | ${inKind.length / names.length} | ${passes.join(' | ')} |\n`);
  }
  for (const name of names) {
    const own = results.filter(({ contender }) => contender === name);
    process.stdout.write(
      `${name}: build ${own.reduce((sum, { buildMs }) => sum + buildMs, 0)} ms, ${Math.round(own.reduce((sum, { bytes }) => sum + bytes, 0) / 1048576)} MB unpacked\n`,
    );
  }
  for (const other of names.filter((name) => name !== 'bgfn')) printAnswers(other);
}

/** From the start of the import to the answer, of the functions that both can run. */
function printAnswers(other: string): void {
  const own = answerTimes('bgfn');
  const others = answerTimes(other);
  const row = (kind: string): string => {
    const both = cases
      .filter(
        (item) =>
          (kind === 'all' || item.kind === kind) && own.has(item.name) && others.has(item.name),
      )
      .map(({ name }) => name);
    if (both.length === 0) return '';
    const [ours, theirs] = [own, others].map((one) =>
      median(both.map((name) => one.get(name) ?? 0)),
    );
    const ratio = median(both.map((name) => (own.get(name) ?? 0) / (others.get(name) ?? 1)));
    return `| ${kind} | ${both.length} | ${(ours ?? 0).toFixed(0)} ms | ${(theirs ?? 0).toFixed(0)} ms | ${((ours ?? 0) / (theirs ?? 1)).toFixed(2)} | ${ratio.toFixed(2)} |\n`;
  };
  process.stdout.write(
    `\n| import to answer | functions | bgfn, median | ${other}, median | ratio | median of ratios |\n|---|---|---|---|---|---|\n${[...new Set(cases.map(({ kind }) => kind)), 'all'].map((kind) => row(kind)).join('')}`,
  );
}

function answerTimes(contender: string): ReadonlyMap<string, number> {
  return new Map(
    results
      .filter((one) => one.contender === contender && one.ok)
      .map(({ name, answerMs = 0 }) => [name, answerMs]),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
