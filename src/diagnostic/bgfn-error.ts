import type { DiagnosticCode } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';

/**
 * The kind decides the exit code of a command: 2 for `usage` (wrong flags and arguments) and
 * `config` (wrong files that configure bgfn), 1 for `failed` (the work itself failed).
 */
export type BgfnErrorKind = 'usage' | 'config' | 'failed';

/**
 * The one error class for problems that a user can fix. Any other error is a bug in bgfn and is
 * shown with its stack.
 */
export class BgfnError extends Error {
  override readonly name = 'BgfnError';
  readonly code: DiagnosticCode;
  readonly kind: BgfnErrorKind;
  readonly hint: string | undefined;
  /** All findings behind this error, when there are several: a build reports them in one run. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    code: DiagnosticCode,
    message: string,
    options: {
      kind?: BgfnErrorKind | undefined;
      hint?: string | undefined;
      diagnostics?: readonly Diagnostic[] | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = options.kind ?? 'failed';
    this.hint = options.hint;
    this.diagnostics = options.diagnostics ?? [];
  }
}
