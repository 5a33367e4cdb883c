import path from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import type { BuildResult } from '../../builder/build-result.ts';
import { watch, type WatchOutcome } from '../../builder/watch.ts';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { Runtime } from '../../runtime/options.ts';
import { startRuntime } from '../../runtime/runtime.ts';
import { configOption, functionsDirectoriesArgument } from '../input/functions-directories.ts';
import { renderBuildResult, renderRebuild } from '../output/build-reporter.ts';
import { renderError } from '../output/render-error.ts';
import { outliveReaders } from '../process/standard-streams.ts';
import { watchSignals } from '../process/stop-signals.ts';
import { runtimeOptionsOf } from '../serving/runtime-options.ts';
import type { ServeFlags } from '../serving/serve-flags.ts';
import { addServeOptions } from '../serving/serve-options.ts';
import { startupText, stoppingText } from '../serving/startup-text.ts';

interface DevFlags extends ServeFlags {
  readonly out: string;
  readonly config?: string;
}

/**
 * `bgfn dev [dir…]`: builds in watch mode, serves, and reloads after every build. After a failed
 * build, the errors are printed and the functions of the last good build stay served.
 */
export function devCommand(): Command {
  const command = new Command('dev')
    .description('build and run the functions, and again at every change')
    .addArgument(functionsDirectoriesArgument())
    .option('-o, --out <dir>', 'where the artifacts go', '.netlify/functions')
    .addOption(configOption());
  return addServeOptions(command).action(async (directories: string[], flags: DevFlags) => {
    process.exitCode = await develop(directories, flags);
  });
}

/**
 * Builds and serves until a signal.
 *
 * @returns The exit code
 */
async function develop(directories: readonly string[], flags: DevFlags): Promise<number> {
  outliveReaders();
  const signals = watchSignals();
  const stop = new AbortController();
  const session = new DevSession(flags);
  const watching = watch({
    functionsDirectories: directories,
    outputDirectory: flags.out,
    sourcemap: true,
    forThisMachine: true,
    signal: stop.signal,
    onBuild: (outcome) => session.take(outcome),
    configFile: flags.config,
  });
  await Promise.race([signals.first, watching, session.failed]);
  stop.abort();
  await watching;
  await session.close();
  return 0;
}

/**
 * The runtime of a watch. The first good build starts the runtime, and later builds reload it, one
 * at a time.
 */
class DevSession {
  readonly #flags: DevFlags;
  readonly #failure = Promise.withResolvers<never>();
  #runtime: Runtime | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(flags: DevFlags) {
    this.#flags = flags;
  }

  /**
   * Rejects when the runtime cannot be started, for example on a port in use. No edit fixes that,
   * so the command ends.
   */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  take(outcome: WatchOutcome): void {
    this.#turn = this.#turn
      .then(() => this.#apply(outcome))
      .catch((error: unknown) => this.#failure.reject(error));
  }

  async close(): Promise<void> {
    await this.#turn;
    if (this.#runtime === undefined) return;
    process.stderr.write(stoppingText(this.#flags));
    await this.#runtime.close({ drainTimeoutMs: this.#flags.drainTimeout });
  }

  async #apply(outcome: WatchOutcome): Promise<void> {
    if (!outcome.ok) {
      process.stderr.write(renderError(outcome.error));
      process.stderr.write(`${pc.dim(this.#waitingText())}\n`);
    } else if (this.#runtime === undefined) {
      await this.#start(outcome.result);
    } else {
      await this.#reload(this.#runtime);
      process.stderr.write(renderRebuild(outcome.result));
    }
  }

  #waitingText(): string {
    return this.#runtime === undefined
      ? 'Nothing is served yet; waiting for a change.'
      : 'What was built before is still served; waiting for a change.';
  }

  async #start(result: BuildResult): Promise<void> {
    const { out } = this.#flags;
    const shownOutput = path.relative(process.cwd(), result.outputDirectory);
    process.stderr.write(renderBuildResult(result, shownOutput));
    this.#runtime = await startRuntime({
      ...runtimeOptionsOf(out, this.#flags),
      development: true,
    });
    process.stderr.write(startupText(this.#runtime, out, this.#flags));
  }

  async #reload(runtime: Runtime): Promise<void> {
    try {
      await runtime.reload();
    } catch (error) {
      if (!(error instanceof BgfnError)) throw error;
      process.stderr.write(renderError(error));
    }
  }
}
