import path from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { watch, type WatchOutcome } from '../../builder/watch.ts';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { Runtime } from '../../runtime/options.ts';
import { startRuntime } from '../../runtime/runtime.ts';
import { renderBuildResult, renderRebuild } from '../output/build-reporter.ts';
import { renderError } from '../output/render-diagnostic.ts';
import { outliveReaders } from '../process/standard-streams.ts';
import {
  addServeOptions,
  runtimeOptionsOf,
  type ServeFlags,
  startupText,
  stoppingText,
  watchSignals,
} from '../serving/serve-options.ts';

interface DevFlags extends ServeFlags {
  readonly out: string;
  readonly config?: string;
}

/**
 * `bgfn dev [dir…]`: builds in watch mode and serves, swapping in what changed. A broken edit is
 * reported; what was served goes on.
 */
export function devCommand(): Command {
  const command = new Command('dev')
    .description('build and run the functions, and again at every change')
    .argument(
      '[dir...]',
      'functions directories (default: what netlify.toml says, else netlify/functions)',
    )
    .option('-o, --out <dir>', 'where the artifacts go', '.netlify/functions')
    .option('-c, --config <file>', 'instead of netlify.toml');
  return addServeOptions(command).action(async (directories: string[], flags: DevFlags) => {
    process.exitCode = await develop(directories, flags);
  });
}

/** Runs until a signal, and gives the exit code. */
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
    ...(flags.config === undefined ? {} : { configFile: flags.config }),
  });
  await Promise.race([signals.first, watching, session.failed]);
  stop.abort();
  await watching;
  await session.close();
  return 0;
}

/**
 * The runtime behind a watch: started by the first good build, reloaded by the later ones, one
 * after the other.
 */
class DevSession {
  readonly #flags: DevFlags;
  readonly #failure = Promise.withResolvers<never>();
  #runtime: Runtime | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(flags: DevFlags) {
    this.#flags = flags;
  }

  /** Rejects when the runtime cannot be started (a port in use): no edit mends that. */
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
      process.stderr.write(
        `${pc.dim(this.#runtime === undefined ? 'Nothing is served yet; waiting for a change.' : 'What was built before is still served; waiting for a change.')}\n`,
      );
      return;
    }
    if (this.#runtime === undefined) {
      process.stderr.write(
        renderBuildResult(
          outcome.result,
          path.relative(process.cwd(), outcome.result.outputDirectory),
        ),
      );
      this.#runtime = await startRuntime({
        ...runtimeOptionsOf(this.#flags.out, this.#flags),
        development: true,
      });
      process.stderr.write(startupText(this.#runtime, this.#flags.out, this.#flags));
      return;
    }
    await this.#reload(this.#runtime);
    process.stderr.write(renderRebuild(outcome.result));
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
