import { Command } from 'commander';
import pc from 'picocolors';
import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { stackOf } from '../../diagnostic/system-error.ts';
import type { Runtime } from '../../runtime/options.ts';
import { startRuntime } from '../../runtime/runtime.ts';
import { renderError } from '../output/render-error.ts';
import { serviceManager } from '../process/service-manager.ts';
import { outliveReaders } from '../process/standard-streams.ts';
import { watchSignals } from '../process/stop-signals.ts';
import { keepYoungGeneration } from '../process/young-generation.ts';
import { runtimeOptionsOf } from '../serving/runtime-options.ts';
import type { ServeFlags } from '../serving/serve-flags.ts';
import { addServeOptions } from '../serving/serve-options.ts';
import { startupText, stoppingText } from '../serving/startup-text.ts';

/**
 * `bgfn serve [artifacts]`: runs the artifacts of `bgfn build`. The output of functions goes to
 * stdout, so that it can be piped and kept (with `--json` one document a line); everything else
 * goes to stderr.
 */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description('run the built functions')
    .argument('[artifacts]', 'the directory with manifest.json and the zips', '.netlify/functions');
  return addServeOptions(command).action(async (artifacts: string, flags: ServeFlags) => {
    process.exitCode = await serve(artifacts, flags);
  });
}

/**
 * Serves until a signal.
 *
 * @returns The exit code
 */
async function serve(artifacts: string, flags: ServeFlags): Promise<number> {
  outliveReaders();
  const signals = watchSignals();
  const runtime = await startRuntime(runtimeOptionsOf(artifacts, flags));
  keepYoungGeneration();
  reloadOnHangup(runtime);
  process.stderr.write(startupText(runtime, artifacts, flags));
  const manager = serviceManager({
    environment: process.env,
    onProblem: (message) => process.stderr.write(`${pc.yellow(message)}\n`),
  });
  await manager.ready(`serving ${runtime.functions().length} functions at ${runtime.url}`);
  await signals.first;
  void manager.stopping();
  process.stderr.write(stoppingText(flags));
  await runtime.close({ drainTimeoutMs: flags.drainTimeout });
  return 0;
}

/**
 * Reloads the artifacts at SIGHUP. On a terminal, SIGHUP means that the terminal was closed, and
 * ends the process as usual.
 */
function reloadOnHangup(runtime: Runtime): void {
  if (process.stderr.isTTY) return;
  process.on('SIGHUP', () => {
    runtime.reload().then(
      () => process.stderr.write(`Reloaded: ${runtime.functions().length} functions.\n`),
      (error: unknown) =>
        process.stderr.write(
          error instanceof BgfnError
            ? renderError(error)
            : `The reload failed: ${stackOf(error)}\n`,
        ),
    );
  });
}
