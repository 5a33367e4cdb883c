import { CommanderError, type Command } from 'commander';
import pc from 'picocolors';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import { reportBug, reportFailure } from './output/report-failure.ts';
import { watchStandardStreams } from './process/standard-streams.ts';

/**
 * Runs a command and returns its exit code: 0 for success, 1 for failed work (or the
 * `process.exitCode` that the command set), 2 for wrong usage or configuration, 130 for an
 * interrupt. A BgfnError is printed as one message with hint and code frames, and with `--json`
 * also as a document on stdout. Any other error is a bug of bgfn and is printed with its stack.
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
 * Makes a command and its subcommands throw instead of ending the process, and report mistyped
 * flags alike.
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
