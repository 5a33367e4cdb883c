import path from 'node:path';
import type { Diagnostic, SourceLocation } from '../../../diagnostic/diagnostic.ts';

/**
 * Turns a failure of `go` into diagnostics: the errors that Go reports or, without `go` on the
 * machine, what to install. Rethrows every error that is not a failure of `go`.
 */
export function goDiagnostics(
  error: unknown,
  functionName: string,
  mainFile: string,
): readonly Diagnostic[] {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  if (error.code === 'ENOENT') {
    return [
      {
        severity: 'error',
        code: 'GO_MISSING',
        message: 'A Go function cannot be built: there is no `go` command on this machine.',
        hint:
          'Install Go from https://go.dev/dl and put it on PATH, or build the binary elsewhere ' +
          'and place it in the functions directory.',
        location: { file: mainFile, line: 1, column: 1 },
        functionName,
      },
    ];
  }
  const output =
    'stderr' in error && typeof error.stderr === 'string' && error.stderr.trim() !== ''
      ? error.stderr
      : error.message;
  return parseGoErrors(output, functionName, mainFile);
}

/** Returns the error for a library package in the place of a function. */
export function notAProgram(functionName: string, mainFile: string): Diagnostic {
  return {
    severity: 'error',
    code: 'GO_BUILD',
    message:
      `${path.basename(mainFile)} is not a program: a function is \`package main\` with a ` +
      '`func main()` that calls `lambda.Start`.',
    hint:
      'Change its package clause to `package main`, or move the package out of the functions ' +
      'directory.',
    location: { file: mainFile, line: 1, column: 1 },
    functionName,
  };
}

/** An error that Go reports with its location. */
interface GoError {
  readonly message: string;
  /** The indented lines below the error. */
  readonly more: string[];
  readonly location: SourceLocation;
}

/**
 * Reads the output of `go build`. Most lines have the form `./main.go:7:2: message`, with paths
 * relative to the function's directory. Indented lines below such a line add details, or name a
 * command that helps. Output in any other form becomes one diagnostic with Go's text.
 */
export function parseGoErrors(
  output: string,
  functionName: string,
  mainFile: string,
): readonly Diagnostic[] {
  const errors: GoError[] = [];
  const others: string[] = [];
  for (const line of output.split('\n')) {
    const [, file, at = '1', column = '1', message] =
      /^(?:vet: )?((?:\S.*?)?(?:\.go|go\.mod|go\.work)):(\d+)(?::(\d+))?: (.+)$/.exec(line) ?? [];
    const last = errors.at(-1);
    if (file !== undefined && message !== undefined) {
      const location = {
        file: path.resolve(path.dirname(mainFile), file),
        line: Number(at),
        column: Number(column),
      };
      errors.push({ message, more: [], location });
    } else if (last !== undefined && /^(?:\t|note: )/.test(line)) {
      last.more.push(line.trim());
    } else if (line.trim() !== '' && !line.startsWith('#') && !line.startsWith('go: downloading')) {
      others.push(line.trim());
    }
  }
  if (errors.length > 0) return errors.map((error) => toDiagnostic(error, functionName));
  const [text = '', command] = others
    .join(' ')
    .split(/; to (?:update|add) it: ?|: to (?:update|add) it: ?/);
  return [
    {
      severity: 'error',
      code: 'GO_BUILD',
      message: `go build failed: ${text.replace(/^go: /, '')}`,
      hint: command === undefined ? undefined : `Run \`${command}\` in ${path.dirname(mainFile)}.`,
      location: { file: mainFile, line: 1, column: 1 },
      functionName,
    },
  ];
}

function toDiagnostic(error: GoError, functionName: string): Diagnostic {
  return {
    severity: 'error',
    code: 'GO_BUILD',
    ...explain(error),
    location: error.location,
    functionName,
  };
}

function explain({ message, more, location }: GoError): Pick<Diagnostic, 'message' | 'hint'> {
  const run = (command: string): string => `Run \`${command}\` in ${path.dirname(location.file)}.`;
  const missingModule = /^(.*); to add(?: it)?:$/.exec(message)?.[1];
  if (missingModule !== undefined) return { message: missingModule, hint: run(more.join(' && ')) };
  if (/go\.mod file not found/.test(message)) {
    return {
      message: message.replace(/; see 'go help modules'$/, ''),
      hint: run('go mod init <module> && go mod tidy'),
    };
  }
  return { message: [message, ...more].join('; ') };
}
