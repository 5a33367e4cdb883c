import { relative } from 'node:path';
import { Command } from 'commander';
import { build, type BuildResult } from '../build.ts';
import { BuildReporter, renderBuildResult, type ReporterOutput } from './reporter/build-reporter.ts';

interface BuildFlags {
  readonly out?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly cache: boolean;
  readonly minify?: boolean;
  readonly sourcemap?: boolean;
}

/** `bgfn build [dir…]`, which is also `bgfn-build`: the functions directory to zip artifacts and a manifest. */
export function buildCommand(): Command {
  return new Command('build')
    .description('build the functions directory into zip artifacts and a manifest')
    .argument('[dir...]', 'functions directories (default: what netlify.toml says, else netlify/functions)')
    .option('-o, --out <dir>', 'where the artifacts go (default: .netlify/functions)')
    .option('-c, --config <file>', 'instead of netlify.toml')
    .option('--json', 'print the manifest and the warnings as one JSON document')
    .option('-q, --quiet', 'print errors only')
    .option('--no-cache', 'build every function again')
    .option('--minify', 'smaller code, names kept')
    .option('--sourcemap', 'put source maps beside the code')
    .action(async (directories: string[], flags: BuildFlags) => {
      const output: ReporterOutput = { write: (text) => process.stderr.write(text), isTerminal: process.stderr.isTTY };
      const reporter = flags.quiet === true ? undefined : new BuildReporter(output);
      try {
        const result = await build({
          functionsDirectories: directories,
          cache: flags.cache,
          minify: flags.minify ?? false,
          sourcemap: flags.sourcemap ?? false,
          ...(flags.out === undefined ? {} : { outputDirectory: flags.out }),
          ...(flags.config === undefined ? {} : { configFile: flags.config }),
          ...(reporter === undefined ? {} : { onEvent: reporter.onEvent }),
        });
        show(result, flags, output);
      } finally {
        reporter?.clear();
      }
    });
}

function show(result: BuildResult, flags: BuildFlags, output: ReporterOutput): void {
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ manifest: result.manifest, warnings: result.warnings }, null, 2)}\n`);
  if (flags.quiet !== true) output.write(renderBuildResult(result, relative(process.cwd(), result.outputDirectory) || '.'));
}
