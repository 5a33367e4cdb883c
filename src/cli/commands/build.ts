import path from 'node:path';
import { Command, Option } from 'commander';
import type { BuildResult } from '../../builder/build-result.ts';
import { build } from '../../builder/pipeline.ts';
import type { BuildOptions } from '../../builder/settings.ts';
import { watch, type WatchOutcome } from '../../builder/watch.ts';
import { configOption, functionsDirectoriesArgument } from '../input/functions-directories.ts';
import {
  BuildReporter,
  renderBuildResult,
  renderRebuild,
  type ReporterOutput,
} from '../output/build-reporter.ts';
import { jsonDocument, jsonLine } from '../output/json.ts';
import { renderError } from '../output/render-error.ts';
import { interruptSignal } from '../process/interrupt.ts';

interface BuildFlags {
  readonly out?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly watch?: boolean;
  readonly analyze?: boolean;
  readonly cache: boolean;
  readonly minify?: boolean;
  readonly sourcemap?: boolean;
}

/**
 * `bgfn build [dir…]`, which is also `bgfn-build`: builds the functions directory into zip
 * artifacts and a manifest.
 */
export function buildCommand(): Command {
  return new Command('build')
    .description('build the functions directory into zip artifacts and a manifest')
    .addArgument(functionsDirectoriesArgument())
    .option('-o, --out <dir>', 'where the artifacts go (default: .netlify/functions)')
    .addOption(configOption())
    .option(
      '--json',
      'print the manifest and the warnings as one JSON document (with --watch: one a line)',
    )
    .option('-q, --quiet', 'print errors only')
    .option('-w, --watch', 'build again whenever a file changes')
    .option('--no-cache', 'build every function again')
    .option('--minify', 'smaller code, names kept')
    .option('--sourcemap', 'put source maps beside the code')
    .addOption(
      new Option(
        '--analyze',
        'show what is in each artifact and why, and write analyze.html beside them',
      ).conflicts('watch'),
    )
    .action((directories: string[], flags: BuildFlags) =>
      flags.watch === true ? runWatch(directories, flags) : runOnce(directories, flags),
    );
}

const stderr: ReporterOutput = {
  write: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY,
};

async function runOnce(directories: readonly string[], flags: BuildFlags): Promise<void> {
  const reporter = flags.quiet === true ? undefined : new BuildReporter(stderr);
  try {
    const result = await build({
      ...optionsOf(directories, flags),
      onEvent: reporter?.onEvent,
    });
    if (flags.json === true) {
      process.stdout.write(jsonDocument(resultDocument(result)));
    }
    if (flags.quiet !== true) stderr.write(renderBuildResult(result, shownOutput(result)));
    if (flags.analyze === true) await showAnalysis(result, flags);
  } finally {
    reporter?.clear();
  }
}

/** Prints and writes the analysis. Its modules are loaded here, because few builds need them. */
async function showAnalysis(result: BuildResult, flags: BuildFlags): Promise<void> {
  const [{ analyze }, { writeAnalysis }, { renderAnalysis }] = await Promise.all([
    import('../../builder/analyze/analyze.ts'),
    import('../../builder/analyze/analysis-file.ts'),
    import('../output/render-analysis.ts'),
  ]);
  const functions = await analyze(result);
  const page = await writeAnalysis(result.outputDirectory, functions);
  if (flags.quiet !== true) {
    stderr.write(
      `\n${renderAnalysis(functions)}\nThe whole picture: ${path.relative(process.cwd(), page)}\n`,
    );
  }
}

/** Builds at every change until the first Ctrl-C, which ends the command with exit code 130. */
async function runWatch(directories: readonly string[], flags: BuildFlags): Promise<void> {
  using interrupt = interruptSignal();
  let isFirst = true;
  const onBuild = (outcome: WatchOutcome): void => {
    if (flags.json === true) process.stdout.write(jsonLine(outcomeDocument(outcome)));
    if (!outcome.ok) stderr.write(renderError(outcome.error));
    else if (flags.quiet !== true) stderr.write(renderOutcome(outcome.result, isFirst));
    if (outcome.ok) isFirst = false;
    if (flags.quiet !== true) stderr.write('Watching for changes; Ctrl-C ends it.\n');
  };
  await watch({ ...optionsOf(directories, flags), signal: interrupt.signal, onBuild });
}

function outcomeDocument(outcome: WatchOutcome): object {
  return outcome.ok ? resultDocument(outcome.result) : { errors: outcome.error.diagnostics };
}

function renderOutcome(result: BuildResult, isFirst: boolean): string {
  return isFirst ? renderBuildResult(result, shownOutput(result)) : renderRebuild(result);
}

function optionsOf(directories: readonly string[], flags: BuildFlags): BuildOptions {
  return {
    functionsDirectories: directories,
    cache: flags.cache,
    minify: flags.minify ?? false,
    sourcemap: flags.sourcemap ?? false,
    outputDirectory: flags.out,
    configFile: flags.config,
  };
}

function resultDocument({ manifest, warnings }: BuildResult): object {
  return { manifest, warnings };
}

function shownOutput({ outputDirectory }: BuildResult): string {
  return path.relative(process.cwd(), outputDirectory) || '.';
}
