import pc from 'picocolors';
import type { Runtime } from '../../runtime/options.ts';
import { renderTable } from '../output/table.ts';
import { envFilesOf } from './runtime-options.ts';
import type { ServeFlags } from './serve-flags.ts';

/** The text at the start of a shutdown, during which nothing is visible for up to the drain timeout. */
export function stoppingText({ drainTimeout }: Pick<ServeFlags, 'drainTimeout'>): string {
  return `${pc.dim(`Stopping: running work has ${drainTimeout / 1000} s to finish. Ctrl-C again stops at once.`)}\n`;
}

/** The text at the start: where the runtime listens, and which functions it serves. */
export function startupText(runtime: Runtime, artifacts: string, flags: ServeFlags): string {
  const functions = runtime.functions();
  const rows = functions.map((fn) => [
    fn.name,
    fn.mode === 'background' ? pc.magenta('background') : pc.cyan('sync'),
    fn.runtime,
    fn.methods.length === 0 ? 'any' : fn.methods.join(','),
    fn.urls.join(' ') + (fn.schedule === undefined ? '' : pc.dim(`  at ${fn.schedule} UTC`)),
  ]);
  const lines = [
    `${pc.green('bgfn')} serves ${functions.length} ${functions.length === 1 ? 'function' : 'functions'} of ${artifacts} at ${pc.bold(runtime.url)}`,
    ...(runtime.adminUrl === undefined ? [] : [`admin at ${runtime.adminUrl}`]),
    `queue in ${flags.store}`,
    ...envFilesOf(flags).map((file) => `environment from ${file}`),
    ...(flags.retryDelays === undefined
      ? []
      : [
          pc.yellow(
            `retries after ${flags.retryDelays.join(', ')} s instead of the manifest's delays: for development only`,
          ),
        ]),
  ];
  return `${lines.join('\n')}\n\n${renderTable(['function', 'mode', 'runtime', 'methods', 'address'], rows)}\n`;
}
