/**
 * Builds one function per package of fixtures/bundle/matrix with bgfn, ZISI and plain esbuild,
 * hides the project, calls every artifact in a fresh process and counts the passes by kind. An
 * artifact with a file of the project that its function does not name fails.
 *
 * `node bench/matrix.ts [--only name,name] [--kind kind] [--sample n] [--with bgfn,zisi,esbuild]
 * [--rounds n] [--built] [--peers dir] [--scratch dir] [--json file]`
 *
 * `--sample n` takes the first n of each kind, for a quick look. The contenders' artifacts of one
 * function are called in turn, `--rounds` times; the fastest counts, so that other load on the
 * machine matters less. `--built` calls the artifacts of an earlier run. Exit code 1 when any
 * function of bgfn fails.
 */
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { matrixCases, type MatrixCase } from '../test/builder/bundle/matrix/cases.ts';
import {
  artifactDirectory,
  buildAll,
  callArtifact,
  readBuilt,
  secretsIn,
  sizeOf,
} from './lib/matrix-artifacts.ts';
import {
  buildWithBgfn,
  buildWithEsbuild,
  type MatrixBuild,
  zisiBuild,
} from './lib/matrix-contenders.ts';
import { hiddenSuffix, installMatrixPeers, prepareMatrixProject } from './lib/matrix-project.ts';
import { type MatrixResult, renderMatrix, resultLine } from './lib/matrix-report.ts';

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
const project = await prepareMatrixProject(scratch, cases);
const contenders = await chooseContenders();
const names = cases.map(({ name }) => name);
const built = flags.built
  ? await readBuilt(scratch)
  : await buildAll({ scratch, project, contenders, names });
const results = await callAll();
process.stdout.write(renderMatrix(results, [...contenders.keys()]));
if (flags.json !== undefined) {
  await writeFile(flags.json, `${JSON.stringify(results, undefined, 1)}\n`);
}
process.exitCode = results.some(({ contender, ok }) => contender === 'bgfn' && !ok) ? 1 : 0;

function chooseCases(): readonly MatrixCase[] {
  const only = flags.only?.split(',');
  const taken = new Map<string, number>();
  return matrixCases.filter(({ name, kind }) => {
    if (only !== undefined && !only.includes(name)) return false;
    if (flags.kind !== undefined && flags.kind !== kind) return false;
    taken.set(kind, (taken.get(kind) ?? 0) + 1);
    return flags.sample === undefined || (taken.get(kind) ?? 0) <= Number(flags.sample);
  });
}

async function chooseContenders(): Promise<ReadonlyMap<string, MatrixBuild>> {
  const wanted = (flags.with ?? 'bgfn').split(',');
  const chosen = new Map<string, MatrixBuild>();
  if (wanted.includes('bgfn')) chosen.set('bgfn', buildWithBgfn);
  if (wanted.includes('zisi')) {
    const peers = flags.peers === undefined ? installMatrixPeers(scratch) : flags.peers;
    chosen.set('zisi', await zisiBuild(path.resolve(await peers)));
  }
  if (wanted.includes('esbuild')) chosen.set('esbuild', buildWithEsbuild);
  return chosen;
}

/** Calls all artifacts while the project is hidden, so that an artifact finds only its own files. */
async function callAll(): Promise<readonly MatrixResult[]> {
  await rename(project, `${project}${hiddenSuffix}`);
  try {
    const all: MatrixResult[] = [];
    for (const item of cases) {
      const own = await callInTurn(item);
      for (const result of own) process.stderr.write(resultLine(result) ?? '');
      all.push(...own);
    }
    return all;
  } finally {
    await rename(`${project}${hiddenSuffix}`, project);
  }
}

/** The fastest result of each contender on one function; a failed call counts before any other. */
async function callInTurn(item: MatrixCase): Promise<readonly MatrixResult[]> {
  const best = new Map<string, MatrixResult>();
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    for (const contender of contenders.keys()) {
      const next = await callOne(contender, item);
      const before = best.get(contender);
      if (before === undefined || !next.ok || (next.answerMs ?? 0) < (before.answerMs ?? 0)) {
        best.set(contender, next);
      }
    }
  }
  return [...best.values()];
}

async function callOne(contender: string, { name, kind }: MatrixCase): Promise<MatrixResult> {
  const artifact = built[contender]?.[name];
  const answer = await callArtifact(artifact);
  const directory = artifactDirectory(scratch, contender, name);
  const bytes = await sizeOf(directory);
  const buildMs = Math.round(artifact?.buildMs ?? 0);
  const result = { name, kind, contender, bytes, buildMs };
  const secrets = await secretsIn(directory);
  if (secrets.length === 0) return { ...result, ...answer };
  return { ...result, ok: false, text: `has secrets of the project: ${secrets.join(', ')}` };
}
