import { Command } from 'commander';
import pc from 'picocolors';
import { startRuntime } from '../runtime/runtime.ts';
import { serviceManager } from './service-manager.ts';
import { addServeOptions, runtimeOptionsOf, type ServeFlags, startupText, watchSignals } from './serving.ts';

/**
 * `bgfn serve [artifacts]`: the runtime on what `bgfn build` made. What functions print goes to stdout, so that it can be piped and kept (`--json`: one document a
 * line); where it listens, the table of functions and everything else for people goes to stderr.
 */
export function serveCommand(): Command {
  const command = new Command('serve').description('run the built functions').argument('[artifacts]', 'the directory with manifest.json and the zips', '.netlify/functions');
  return addServeOptions(command).action(async (artifacts: string, flags: ServeFlags) => {
    process.exitCode = await serve(artifacts, flags);
  });
}

/** Runs until a signal, and gives the exit code. */
async function serve(artifacts: string, flags: ServeFlags): Promise<number> {
  // A reader of our stdout that went away (`| head`) must not end the runtime.
  process.stdout.on('error', () => {});
  const signals = watchSignals();
  const runtime = await startRuntime(runtimeOptionsOf(artifacts, flags));
  process.stderr.write(startupText(runtime, artifacts, flags));
  const manager = serviceManager({ environment: process.env, onProblem: (message) => process.stderr.write(`${pc.yellow(message)}\n`) });
  await manager.ready(`serving ${runtime.functions().length} functions at ${runtime.url}`);
  await signals.first;
  void manager.stopping();
  process.stderr.write(`${pc.dim(`Stopping: running work has ${flags.drainTimeout / 1000} s to finish. Ctrl-C again stops at once.`)}\n`);
  await runtime.close({ drainTimeoutMs: flags.drainTimeout });
  return 0;
}
