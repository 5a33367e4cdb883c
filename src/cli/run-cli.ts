import { CommanderError, type Command } from 'commander';
import pc from 'picocolors';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import { reportBug, reportFailure } from './output/report-failure.ts';
import { watchStandardStreams } from './process/standard-streams.ts';

/**
 * Runs a command and gives its exit code: 0 done, 1 the work failed (or `process.exitCode` that the
 * command set), 2 usage or configuration, 130 interrupted. A BgfnError becomes one message with
 * hint and code frames, with `--json` also a document on stdout; any other error is a bug of ours
 * and shows its stack.
 *
 * @param argv As in `process.argv`
 */
export async function runCli(command: Command, argv: readonly string[]): Promise<number> {
  answerAlike(command);
  watchStandardStreams();
  try {
    await command.parseAsync([...argv]);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    return report(error, argv);
  }
}

/**
 * Makes a command and its subcommands throw instead of ending the process, and answer a mistyped
 * flag in one way.
 */
function answerAlike(command: Command): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(see --help)')
    .configureOutput({ outputError: (text, write) => write(pc.red(text)) });
  for (const subcommand of command.commands) answerAlike(subcommand);
}

function report(error: unknown, argv: readonly string[]): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof BgfnError) return reportFailure(error, argv.includes('--json'));
  const isInterrupted = error instanceof Error && error.name === 'AbortError';
  return isInterrupted && process.exitCode === 130 ? 130 : reportBug(error);
}
