import pc from 'picocolors';
import type { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { stackOf } from '../../diagnostic/system-error.ts';
import { jsonLine } from './json.ts';
import { renderError } from './render-error.ts';

/**
 * Reports a failed command on stderr, and with `json` also as a document on stdout.
 *
 * @returns The exit code
 */
export function reportFailure(error: BgfnError, json: boolean): number {
  // One line, because earlier output of the command may consist of one document a line.
  if (json) process.stdout.write(jsonLine(failureDocument(error)));
  process.stderr.write(renderError(error));
  return exitCodeOf(error);
}

/**
 * Fails a command whose printed document already contains the failure: the message goes to stderr
 * only.
 */
export function failAfterDocument(error: BgfnError): void {
  process.stderr.write(renderError(error));
  process.exitCode = exitCodeOf(error);
}

/** Reports an error that is not a BgfnError, with its stack, as a bug of bgfn. */
export function reportBug(error: unknown): number {
  process.stderr.write(
    `${pc.red('This is a bug in bgfn.')} Please report it with the lines below.\n${stackOf(error)}\n`,
  );
  return 1;
}

function exitCodeOf({ kind }: BgfnError): number {
  return kind === 'failed' ? 1 : 2;
}

/** The document that `--json` prints when a command fails. */
function failureDocument(error: BgfnError): { errors: unknown[]; warnings?: unknown[] } {
  const { code, message, hint, diagnostics } = error;
  if (diagnostics.length === 0) return { errors: [{ severity: 'error', code, message, hint }] };
  return {
    errors: diagnostics.filter(({ severity }) => severity === 'error'),
    warnings: diagnostics.filter(({ severity }) => severity === 'warning'),
  };
}
