import type { DiagnosticCode } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';

/**
 * Why a command cannot go on, as its exit code sees it: `usage` (flags and arguments) and `config`
 * (files that configure bgfn) exit 2, `failed` (the work itself) exits 1.
 */
export type BgfnErrorKind = 'usage' | 'config' | 'failed';

/**
 * The one error class for what a user can fix. Everything else that is thrown is a bug of ours and
 * is shown with its stack.
 */
export class BgfnError extends Error {
  override readonly name = 'BgfnError';
  readonly code: DiagnosticCode;
  readonly kind: BgfnErrorKind;
  readonly hint: string | undefined;
  /**
   * The single findings behind this error, when there are several (a build reports all of them in
   * one run).
   */
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
