import path from 'node:path';
import { expect, test } from 'vitest';
import { adapterModules } from '../../../../../src/builder/adapter-modules.ts';
import type { BatchedPass } from '../../../../../src/builder/bundle/esbuild/passes/esbuild-pass.ts';
import type {
  Batch,
  FinishedPass,
  PassRequest,
} from '../../../../../src/builder/bundle/esbuild/passes/pass-plan.ts';
import { PassQueue } from '../../../../../src/builder/bundle/esbuild/passes/pass-queue.ts';
import { javascriptSpec } from '../../../../support/function-spec.ts';
import { temporaryProject, type TemporaryProject } from '../../../support/temporary-project.ts';

const sources = {
  'a.mjs': `import 'big';`,
  'b.mjs': `import { x } from 'big';`,
  'c.mjs': `import 'small';`,
};

function request(
  project: TemporaryProject,
  name: string,
  externals: PassRequest['plan']['externals'] = new Map(),
): PassRequest {
  return {
    spec: javascriptSpec(project.directory, project.path(`${name}.mjs`)),
    options: {
      projectDirectory: project.directory,
      minify: false,
      sourcemap: false,
      adapter: adapterModules(),
      target: { platform: 'linux', arch: 'x64', libc: 'glibc' },
    },
    plan: {
      externals,
      inPlace: new Map(),
      rewritten: new Map(),
      modules: new Map(),
      keepNames: false,
      leavesMissing: true,
      outside: { directories: new Set(), names: [] },
    },
  };
}

const finished: FinishedPass = {
  ok: true,
  files: [],
  metafile: { inputs: {}, outputs: {} },
  warnings: [],
  missing: new Map(),
};

/** Makes passes with a queue; returns the names of the functions in each call. */
async function callsOf(
  run: (batch: Batch) => readonly BatchedPass[],
  name: (project: TemporaryProject) => readonly PassRequest[],
): Promise<readonly string[]> {
  await using project = await temporaryProject(sources);
  const calls: string[] = [];
  const queue = new PassQueue(async (batch) => {
    calls.push(batch.map(({ spec }) => path.parse(spec.entry.mainFile).name).join());
    return run(batch);
  });
  await Promise.all(name(project).map((one) => queue.pass(one)));
  return calls;
}

test('functions that import the same code share a call', async () => {
  const calls = await callsOf(
    (batch) => batch.map(() => finished),
    (project) => ['a', 'c', 'b'].map((name) => request(project, name)),
  );
  expect(calls).toStrictEqual(['a,b', 'c']);
});

test('functions with different options do not share a call', async () => {
  const calls = await callsOf(
    (batch) => batch.map(() => finished),
    (project) => {
      const b = request(project, 'b');
      return [request(project, 'a'), { ...b, options: { ...b.options, minify: true } }];
    },
  );
  expect(calls).toStrictEqual(['a', 'b']);
});

test('functions whose plans contradict each other do not share a call', async () => {
  const calls = await callsOf(
    (batch) => batch.map(() => finished),
    (project) => ['a', 'b'].map((name) => request(project, name, new Map([['x\0big', name]]))),
  );
  expect(calls).toStrictEqual(['a', 'b']);
});

test('a pass that a shared call could not make is made alone', async () => {
  const calls = await callsOf(
    (batch) => batch.map(() => (batch.length > 1 ? undefined : finished)),
    (project) => ['a', 'b'].map((name) => request(project, name)),
  );
  expect(calls.toSorted()).toStrictEqual(['a', 'a,b', 'b']);
});

test('an error of a call is the error of each of its passes', async () => {
  await using project = await temporaryProject(sources);
  const queue = new PassQueue(() => Promise.reject(new Error('stopped')));
  const passes = ['a', 'b'].map((name) => queue.pass(request(project, name)));
  await Promise.all(passes.map((pass) => expect(pass).rejects.toThrow('stopped')));
});
