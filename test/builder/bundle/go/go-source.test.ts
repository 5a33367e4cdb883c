import { execFile, spawnSync } from 'node:child_process';
import { cp, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import dedent from 'dedent';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { BuildResult } from '../../../../src/builder/build-result.ts';
import { parseGoErrors } from '../../../../src/builder/bundle/go/go-errors.ts';
import { build } from '../../../../src/builder/pipeline.ts';
import type { BuildOptions } from '../../../../src/builder/settings.ts';
import { watch, type WatchOutcome } from '../../../../src/builder/watch.ts';
import { BgfnError } from '../../../../src/diagnostic/bgfn-error.ts';
import type { Diagnostic } from '../../../../src/diagnostic/diagnostic.ts';
import { clockHasMoved } from '../../cache/support/cached-function.ts';
import { temporaryProject, type TemporaryProject } from '../../support/temporary-project.ts';

const run = promisify(execFile);
const goInstalled = spawnSync('go', ['version']).status === 0;
const fixture = fileURLToPath(new URL('../../../../fixtures/go-site', import.meta.url));

const program = dedent`
  package main

  func main() { println("x") }
`;

const goMod = (module: string): string => dedent`
  module ${module}

  go 1.21
`;

function buildIn(project: TemporaryProject, options: BuildOptions = {}): Promise<BuildResult> {
  return build({
    projectDirectory: project.directory,
    target: { platform: 'linux', arch: 'x64', libc: 'glibc' },
    ...options,
  });
}

async function diagnosticsOf(promise: Promise<unknown>): Promise<readonly Diagnostic[]> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof BgfnError)) throw new Error('expected a BgfnError', { cause: error });
  return error.diagnostics;
}

const builtNames = ({ functions }: BuildResult): string[] =>
  functions.filter(({ cached }) => !cached).map(({ record }) => record.name);

describe.skipIf(!goInstalled)('Go functions from source (skipped without Go)', () => {
  let site: TemporaryProject;
  let built: BuildResult;

  beforeAll(async () => {
    site = await temporaryProject();
    await cp(fixture, site.directory, { recursive: true });
    await clockHasMoved(site);
    built = await buildIn(site);
  }, 300_000);
  afterAll(() => site[Symbol.asyncDispose]());

  test("a module of its own, a directory in the site's module and a single file are built", () => {
    expect(
      built.functions.map(
        ({
          record: { name, runtime, runtimeVersion, handler, invocationMode, timeout, architecture },
        }) => ({ name, runtime, runtimeVersion, handler, invocationMode, timeout, architecture }),
      ),
    ).toEqual([
      {
        name: 'changelog-background',
        runtime: 'go',
        runtimeVersion: 'provided.al2023',
        handler: 'bootstrap',
        invocationMode: 'background',
        timeout: 900,
        architecture: 'x64',
      },
      {
        name: 'greet',
        runtime: 'go',
        runtimeVersion: 'provided.al2023',
        handler: 'bootstrap',
        invocationMode: 'buffer',
        timeout: 60,
        architecture: 'x64',
      },
      {
        name: 'letter',
        runtime: 'go',
        runtimeVersion: 'provided.al2023',
        handler: 'bootstrap',
        invocationMode: 'buffer',
        timeout: 60,
        architecture: 'x64',
      },
      {
        name: 'total',
        runtime: 'go',
        runtimeVersion: 'provided.al2023',
        handler: 'bootstrap',
        invocationMode: 'buffer',
        timeout: 10,
        architecture: 'x64',
      },
    ]);
  });

  test('the artifact is one static, stripped executable', async () => {
    await run('unzip', [
      '-o',
      site.path('.netlify/functions/greet.zip'),
      '-d',
      site.path('unzipped'),
    ]);
    const { stdout } = await run('go', ['version', '-m', site.path('unzipped/bootstrap')]);
    for (const setting of [
      'CGO_ENABLED=0',
      'GOARCH=amd64',
      'GOOS=linux',
      '-tags=lambda.norpc',
      '-trimpath=true',
    ]) {
      expect(stdout).toContain(setting);
    }
    expect(stdout).not.toContain('vcs.');
    const symbols = spawnSync('go', ['tool', 'nm', site.path('unzipped/bootstrap')], {
      encoding: 'utf8',
    });
    expect(symbols.stdout + symbols.stderr).toContain('no symbol');
    await rm(site.path('unzipped'), { recursive: true });
  });

  test('another checkout path gives the same bytes', async () => {
    await using other = await temporaryProject();
    await cp(fixture, other.path('somewhere/deeper'), { recursive: true });
    const again = await build({
      projectDirectory: other.path('somewhere/deeper'),
      target: { platform: 'linux', arch: 'x64', libc: 'glibc' },
    });
    expect(again.functions.map(({ record }) => record.artifact)).toEqual(
      built.functions.map(({ record }) => record.artifact),
    );
  });

  test('only the functions whose inputs have changed are compiled again', async () => {
    await clockHasMoved(site);
    expect(builtNames(await buildIn(site))).toEqual([]);
    const change = async (file: string, text: string): Promise<string[]> => {
      await site.write({ [file]: text });
      await clockHasMoved(site);
      return builtNames(await buildIn(site));
    };
    expect(
      await change(
        'internal/money/money.go',
        dedent`
          package money

          func Format(int) string { return "much" }
        `,
      ),
    ).toEqual(['total']);
    expect(await change('netlify/functions/greet/greeting.txt', 'Good day, {name}.\n')).toEqual([
      'greet',
    ]);
    expect(
      await change(
        'netlify/functions/greet/more.go',
        dedent`
          package main

          var more = 1
        `,
      ),
    ).toEqual(['greet']);
    expect(await change('netlify/functions/ping.go', program)).toEqual(['ping']);
    expect(await change('package.json', '{}')).toEqual([]);
    expect(
      (
        await change(
          'go.mod',
          dedent`
            module example.com/lumen/site

            go 1.22

            require github.com/aws/aws-lambda-go v1.49.0
          `,
        )
      ).toSorted(),
    ).toEqual(['greet', 'letter', 'ping', 'total']);
  }, 120_000);

  test('netlify.toml sets the CPU of a function, and a build for this machine overrides it', async () => {
    await using project = await temporaryProject({
      'netlify/functions/a.go': program,
      'netlify/functions/b.go': program,
      'netlify.toml': dedent`
        [functions."a"]
        architecture = "arm64"
      `,
    });
    const { functions } = await buildIn(project);
    expect(functions.map(({ record }) => [record.name, record.architecture])).toEqual([
      ['a', 'arm64'],
      ['b', 'x64'],
    ]);
    // A binary for another CPU than the target's is an error in a build, and `bgfn dev` leaves it
    // out.
    await run('unzip', [
      '-q',
      project.path('.netlify/functions/a.zip'),
      '-d',
      project.path('ready'),
    ]);
    await cp(project.path('ready/bootstrap'), project.path('netlify/functions/c'));
    expect(await diagnosticsOf(buildIn(project))).toEqual([
      expect.objectContaining({
        code: 'GO_BINARY_ARCHITECTURE',
        functionName: 'c',
        hint: expect.stringContaining('architecture = "arm64" under [functions."c"]'),
      }),
    ]);
    const without = await buildIn(project, { forThisMachine: true, outputDirectory: 'here' });
    expect([
      without.functions.map(({ record }) => record.name),
      without.warnings.map(({ code }) => code),
    ]).toEqual([['a', 'b'], ['GO_BINARY_ARCHITECTURE']]);
    await rm(project.path('netlify/functions/c'));
    // `bgfn dev` runs the functions here, so it builds them for this machine.
    const here = await buildIn(project, { forThisMachine: true, outputDirectory: 'here' });
    expect(here.functions.map(({ record }) => [record.name, record.architecture])).toEqual([
      ['a', 'x64'],
      ['b', 'x64'],
    ]);
    await run('unzip', [
      '-o',
      project.path('.netlify/functions/a.zip'),
      '-d',
      project.path('unzipped'),
    ]);
    expect(
      (await run('go', ['version', '-m', project.path('unzipped/bootstrap')])).stdout,
    ).toContain('GOARCH=arm64');
  }, 120_000);

  test('included files are packed beside the executable at their paths in the project, and are inputs', async () => {
    await using project = await temporaryProject({
      'netlify/functions/a.go': program,
      'netlify/functions/b.go': program,
      'templates/mail.txt': 'Hello',
      'templates/draft.txt': 'no',
      'netlify.toml': dedent`
        [functions."a"]
        included_files = ["templates/*.txt", "!templates/draft.txt"]
      `,
    });
    const files = async (): Promise<string> =>
      (await run('unzip', ['-Z1', project.path('.netlify/functions/a.zip')])).stdout;
    await clockHasMoved(project);
    const { functions } = await buildIn(project);
    expect(await files()).toBe('bootstrap\ntemplates/mail.txt\n');
    const [{ record: a }, { record: b }] = [functions[0]!, functions[1]!];
    expect(a.artifact.contentDigest).not.toBe(b.artifact.contentDigest);
    const change = async (file: string, text: string): Promise<string[]> => {
      await project.write({ [file]: text });
      await clockHasMoved(project);
      return builtNames(await buildIn(project));
    };
    expect(await change('templates/notes.md', 'x')).toEqual([]);
    expect(await change('templates/mail.txt', 'Good day')).toEqual(['a']);
    expect(await change('templates/bill.txt', 'Please pay')).toEqual(['a']);
    expect(await files()).toBe('bootstrap\ntemplates/bill.txt\ntemplates/mail.txt\n');
    // A binary that was built elsewhere gets its included files, too.
    await run('unzip', [
      '-q',
      project.path('.netlify/functions/b.zip'),
      '-d',
      project.path('ready'),
    ]);
    await cp(project.path('ready/bootstrap'), project.path('netlify/functions/a'));
    await rm(project.path('netlify/functions/a.go'));
    expect(builtNames(await buildIn(project))).toEqual(['a']);
    expect(await files()).toBe('bootstrap\ntemplates/bill.txt\ntemplates/mail.txt\n');
  }, 120_000);

  test('identical programs under two names have one digest', async () => {
    await using project = await temporaryProject({
      'netlify/functions/one/main.go': program,
      'netlify/functions/two/main.go': program,
    });
    const { functions } = await buildIn(project);
    expect(new Set(functions.map(({ record }) => record.artifact.sha256)).size).toBe(1);
  });

  test('the sources include files of a workspace and vendored dependencies', async () => {
    await using project = await temporaryProject({
      'go.work': dedent`
        go 1.21

        use (
        	./lib
        	./netlify/functions/work
        )
      `,
      'lib/go.mod': goMod('example.com/lib'),
      'lib/lib.go': dedent`
        package lib

        const Text = "from the workspace"
      `,
      'netlify/functions/work/go.mod': goMod('example.com/work'),
      'netlify/functions/work/main.go': dedent`
        package main

        import "example.com/lib"

        func main() { println(lib.Text) }
      `,
      'vendored/netlify/functions/ship/go.mod': dedent`
        ${goMod('example.com/ship')}

        require example.com/dep v1.0.0
      `,
      'vendored/netlify/functions/ship/main.go': dedent`
        package main

        import "example.com/dep"

        func main() { println(dep.Text) }
      `,
      'vendored/netlify/functions/ship/vendor/modules.txt': dedent`
        # example.com/dep v1.0.0
        ## explicit; go 1.21
        example.com/dep
      `,
      'vendored/netlify/functions/ship/vendor/example.com/dep/dep.go': dedent`
        package dep

        const Text = "from the vendor directory"
      `,
    });
    const [work] = (await buildIn(project)).functions;
    expect(work?.sources).toEqual(
      expect.arrayContaining([
        project.path('go.work'),
        project.path('lib/go.mod'),
        project.path('lib/lib.go'),
      ]),
    );
    vi.stubEnv('GOWORK', 'off');
    try {
      const [ship] = (await build({ projectDirectory: project.path('vendored') })).functions;
      expect(ship?.sources).toEqual(
        expect.arrayContaining([
          project.path('vendored/netlify/functions/ship/vendor/example.com/dep/dep.go'),
          project.path('vendored/netlify/functions/ship/vendor/modules.txt'),
        ]),
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('errors have the locations that Go reports, and the errors of other functions are reported, too', async () => {
    await using project = await temporaryProject({
      'netlify/functions/broken/main.go': dedent`
        package main

        func main() {
        	var n int = "text"
        	f(1, 2)
        }

        func f(int) {}
      `,
      'netlify/functions/broken/go.mod': goMod('example.com/broken'),
      'netlify/functions/no-module.go': dedent`
        package main

        import "github.com/aws/aws-lambda-go/lambda"

        func main() { lambda.Start(nil) }
      `,
      'netlify/functions/library/main.go': 'package library',
      'netlify/functions/library/go.mod': goMod('example.com/library'),
      'netlify/functions/strange/main.go': program,
      'netlify/functions/strange/go.mod': dedent`
        module example.com/strange

        unheard of
      `,
      'netlify/functions/page.js': 'export default () => {;',
    });
    const found = (await diagnosticsOf(buildIn(project))).map(
      ({ functionName, message, hint, location }) => ({
        at: `${functionName}:${location?.file.slice(project.directory.length + 1)}:${location?.line}:${location?.column}`,
        message,
        hint,
      }),
    );
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          at: 'broken:netlify/functions/broken/main.go:4:14',
          message: expect.stringContaining('cannot use "text"'),
        }),
        expect.objectContaining({
          at: 'broken:netlify/functions/broken/main.go:5:7',
          message: expect.stringMatching(
            /too many arguments in call to f; have \(number, number\); want \(int\)/,
          ),
        }),
        expect.objectContaining({
          at: 'no-module:netlify/functions/no-module.go:3:8',
          hint: expect.stringContaining('go mod init'),
        }),
        expect.objectContaining({
          at: 'library:netlify/functions/library/main.go:1:1',
          message: expect.stringContaining('is not a program'),
        }),
        expect.objectContaining({
          at: 'strange:netlify/functions/strange/go.mod:3:1',
          message: expect.stringContaining('unknown directive'),
        }),
        expect.objectContaining({
          at: expect.stringContaining('page:netlify/functions/page.js:1:'),
        }),
      ]),
    );
  });

  test('watch mode builds a function again when its Go file is edited, and reports a broken file', async () => {
    await using project = await temporaryProject({
      'netlify/functions/a/main.go': program,
      'netlify/functions/a/go.mod': goMod('a'),
      'netlify/functions/b.js': 'export default () => new Response()',
    });
    await clockHasMoved(project);
    const unfinished = 'package main\n\nfunc main() {\n';
    const controller = new AbortController();
    const outcomes: WatchOutcome[] = [];
    const steps: (() => Promise<void>)[] = [
      () => project.write({ 'netlify/functions/a/main.go': program.replace('x', 'y') }),
      () => project.write({ 'netlify/functions/a/main.go': unfinished }),
      () => project.write({ 'netlify/functions/a/main.go': program }),
      async () => controller.abort(),
    ];
    await watch({
      projectDirectory: project.directory,
      signal: controller.signal,
      onBuild: (outcome) => void (outcomes.push(outcome), steps.shift()?.()),
    });
    expect(
      outcomes.map((outcome) =>
        outcome.ok
          ? builtNames(outcome.result)
          : outcome.error.diagnostics.map(({ location }) => location?.line),
      ),
    ).toEqual([['a', 'b'], ['a'], [4], []]);
  }, 60_000);
});

test('without Go on the machine, the error says what to install and the other functions are built', async () => {
  await using project = await temporaryProject({
    'netlify/functions/report-background.go': program,
    'netlify/functions/page.js': 'export default () => new Response()',
    'bin/x': '',
  });
  const ended: string[] = [];
  vi.stubEnv('PATH', project.path('bin'));
  try {
    const found = await diagnosticsOf(
      buildIn(project, {
        onEvent: (event) =>
          void (
            event.type.startsWith('function-f') &&
            'name' in event &&
            ended.push(`${event.type} ${event.name}`)
          ),
      }),
    );
    expect(found).toEqual([
      expect.objectContaining({
        code: 'GO_MISSING',
        functionName: 'report-background',
        hint: expect.stringContaining('https://go.dev/dl'),
      }),
    ]);
    expect(ended.toSorted()).toEqual([
      'function-failed report-background',
      'function-finished page',
    ]);
    // `bgfn dev` runs the other functions.
    const { manifest, warnings } = await buildIn(project, { forThisMachine: true });
    expect(manifest.functions.map(({ name }) => name)).toEqual(['page']);
    expect(warnings).toEqual([
      expect.objectContaining({ code: 'GO_MISSING', severity: 'warning' }),
    ]);
  } finally {
    vi.unstubAllEnvs();
  }
});

describe("diagnostics are read from Go's output:", () => {
  const parse = (output: string): unknown =>
    parseGoErrors(output, 'f', '/site/f/main.go').map(({ message, hint, location }) => [
      message,
      hint,
      `${location?.file}:${location?.line}:${location?.column}`,
    ]);

  test.each([
    [
      dedent`
        # example.com/f
        ./main.go:7:2: undefined: x
      `,
      [['undefined: x', undefined, '/site/f/main.go:7:2']],
    ],
    ['../lib/a.go:1:1: expected package', [['expected package', undefined, '/site/lib/a.go:1:1']]],
    [
      dedent`
        main.go:3:8: no required module provides package example.com/x; to add it:
        	go get example.com/x
      `,
      [
        [
          'no required module provides package example.com/x',
          'Run `go get example.com/x` in /site/f.',
          '/site/f/main.go:3:8',
        ],
      ],
    ],
    [
      dedent`
        main.go:4:2: missing go.sum entry for module providing package example.com/x; to add:
        	go mod download example.com/x
      `,
      [
        [
          'missing go.sum entry for module providing package example.com/x',
          'Run `go mod download example.com/x` in /site/f.',
          '/site/f/main.go:4:2',
        ],
      ],
    ],
    [
      dedent`
        go: updates to go.mod needed; to update it:
        	go mod tidy
      `,
      [
        [
          'go build failed: updates to go.mod needed',
          'Run `go mod tidy` in /site/f.',
          '/site/f/main.go:1:1',
        ],
      ],
    ],
    [
      'go: go.mod requires go >= 1.99 (running go 1.26.8; GOTOOLCHAIN=local)',
      [
        [
          'go build failed: go.mod requires go >= 1.99 (running go 1.26.8; GOTOOLCHAIN=local)',
          undefined,
          '/site/f/main.go:1:1',
        ],
      ],
    ],
    [
      dedent`
        # f
        runtime.main_main·f: function main is undeclared in the main package
      `,
      [
        [
          'go build failed: runtime.main_main·f: function main is undeclared in the main package',
          undefined,
          '/site/f/main.go:1:1',
        ],
      ],
    ],
  ])('%j', (output, expected) => {
    expect(parse(output)).toEqual(expected);
  });
});
