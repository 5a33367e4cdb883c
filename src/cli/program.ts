import { Command } from 'commander';
import { bgfnVersion } from '../builder/tool-versions.ts';

/**
 * Every command by name, in the order of the help page. A new command is a file in `commands/` and
 * a line here. The module of a command is loaded when the command is called, so that no command
 * loads the imports of another.
 */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  build: async () => (await import('./commands/build.ts')).buildCommand(),
  serve: async () => (await import('./commands/serve.ts')).serveCommand(),
  dev: async () => (await import('./commands/dev.ts')).devCommand(),
  list: async () => (await import('./commands/list.ts')).listCommand(),
  invoke: async () => (await import('./commands/invoke.ts')).invokeCommand(),
  invocations: async () => (await import('./commands/invocations.ts')).invocationsCommand(),
  logs: async () => (await import('./commands/logs.ts')).logsCommand(),
  trigger: async () => (await import('./commands/trigger.ts')).triggerCommand(),
  package: async () => (await import('./commands/package.ts')).packageCommand(),
  deploy: async () => (await import('./commands/deploy.ts')).deployCommand(),
};

/**
 * The `bgfn` command with the subcommand that `argv` names, or with all subcommands when `argv`
 * names none (help, a typo).
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
