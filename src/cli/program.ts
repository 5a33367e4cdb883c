import { Command } from 'commander';
import { bgfnVersion } from '../builder/tools.ts';

/**
 * Every command by name, in the order of the help page. A command's module is loaded when it is
 * needed, so that none pays for another's imports.
 */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  build: async () => (await import('./build-command.ts')).buildCommand(),
  serve: async () => (await import('./serve-command.ts')).serveCommand(),
  dev: async () => (await import('./dev-command.ts')).devCommand(),
  list: async () => (await import('./list-command.ts')).listCommand(),
  invoke: async () => (await import('./invoke-command.ts')).invokeCommand(),
  invocations: async () => (await import('./invocations-command.ts')).invocationsCommand(),
  logs: async () => (await import('./logs-command.ts')).logsCommand(),
  trigger: async () => (await import('./trigger-command.ts')).triggerCommand(),
  package: async () => (await import('./package-command.ts')).packageCommand(),
  deploy: async () => (await import('./deploy-command.ts')).deployCommand(),
};

/**
 * The `bgfn` command with the subcommand that `argv` names, or with all of them when it names none
 * (help, a typo).
 *
 * @param argv As in `process.argv`
 */
export async function createProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('bgfn')
    .description('Build and run background functions.')
    .version(bgfnVersion(), '-v, --version');
  const named = commands[argv[2] ?? ''];
  const loaders = named === undefined ? Object.values(commands) : [named];
  for (const load of loaders) program.addCommand(await load());
  return program;
}
