import pc from 'picocolors';
import type { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { stackOf } from '../../diagnostic/system-error.ts';
import { jsonLine } from './json.ts';
import { renderError } from './render-diagnostic.ts';

/**
 * Reports a failed command: for people on stderr, with `json` also as a document on stdout.
 *
 * @returns The exit code
 */
export function reportFailure(error: BgfnError, json: boolean): number {
  // One line, because what was printed before may be one document a line.
  if (json) process.stdout.write(jsonLine(failureDocument(error)));
  process.stderr.write(renderError(error));
  return exitCodeOf(error);
}

/**
 * Fails a command that has printed its document already, and whose document says what failed: the
 * message is for people alone.
 */
export function failAfterDocument(error: BgfnError): void {
  process.stderr.write(renderError(error));
  process.exitCode = exitCodeOf(error);
}

/** Reports an error that is no BgfnError, with its stack: a defect of bgfn itself. */
export function reportBug(error: unknown): number {
  process.stderr.write(
    `${pc.red('This is a bug in bgfn.')} Please report it with the lines below.\n${stackOf(error)}\n`,
  );
  return 1;
}

function exitCodeOf({ kind }: BgfnError): number {
  return kind === 'failed' ? 1 : 2;
}

/** What `--json` prints when a command fails. */
function failureDocument(error: BgfnError): { errors: unknown[]; warnings?: unknown[] } {
  const { code, message, hint, diagnostics } = error;
  if (diagnostics.length === 0) return { errors: [{ severity: 'error', code, message, hint }] };
  return {
    errors: diagnostics.filter(({ severity }) => severity === 'error'),
    warnings: diagnostics.filter(({ severity }) => severity === 'warning'),
  };
}
