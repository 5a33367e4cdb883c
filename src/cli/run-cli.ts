import { CommanderError, type Command } from 'commander';
import pc from 'picocolors';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import { renderError } from './output/render-diagnostic.ts';
import { watchStandardStreams } from './process/standard-streams.ts';

/**
 * Runs a command and gives its exit code: 0 done, 1 the work failed (or `process.exitCode` that the
 * command set), 2 usage or configuration, 130 interrupted. A BgfnError becomes one message with
 * hint and code frames, with `--json` also a document on stdout; anything else is a bug of ours and
 * shows its stack.
 *
 * @param argv As in `process.argv`
 */
export async function runCli(command: Command, argv: readonly string[]): Promise<number> {
  prepare(command);
  watchStandardStreams();
  try {
    await command.parseAsync([...argv]);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    return report(error, argv);
  }
}

/** No command ends the process by itself, and all of them answer a mistyped flag alike. */
function prepare(command: Command): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(see --help)')
    .configureOutput({ outputError: (text, write) => write(pc.red(text)) });
  for (const subcommand of command.commands) prepare(subcommand);
}

function report(error: unknown, argv: readonly string[]): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof BgfnError) {
    // One line: what was printed before may be one document a line.
    if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(errorDocument(error))}\n`);
    process.stderr.write(renderError(error));
    return exitCodeOf(error);
  }
  if (error instanceof Error && error.name === 'AbortError' && process.exitCode === 130) return 130;
  process.stderr.write(
    `${pc.red('This is a bug in bgfn.')} Please report it with the lines below.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}

/** Fails a command whose document is out and says what failed: the error is for people alone. */
export function failAfterDocument(error: BgfnError): void {
  process.stderr.write(renderError(error));
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf({ kind }: BgfnError): number {
  return kind === 'failed' ? 1 : 2;
}

/** What `--json` prints when a command fails. */
function errorDocument(error: BgfnError): { errors: unknown[]; warnings?: unknown[] } {
  const { code, message, hint, diagnostics } = error;
  if (diagnostics.length === 0) return { errors: [{ severity: 'error', code, message, hint }] };
  return {
    errors: diagnostics.filter(({ severity }) => severity === 'error'),
    warnings: diagnostics.filter(({ severity }) => severity === 'warning'),
  };
}
