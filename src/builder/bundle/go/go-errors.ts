import path from 'node:path';
import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';

/**
 * What a failed `go` says, at the places it names; without `go` on the machine, what to install.
 * Anything that is no failure of `go` is thrown on.
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
        hint: 'Install Go from https://go.dev/dl and put it on PATH, or build the binary elsewhere and place it in the functions directory.',
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

/** A Go file that starts a function but is a library. */
export function notAProgram(functionName: string, mainFile: string): Diagnostic {
  return {
    severity: 'error',
    code: 'GO_BUILD',
    message: `${path.basename(mainFile)} is not a program: a function is \`package main\` with a \`func main()\` that calls \`lambda.Start\`.`,
    hint: 'Change its package clause to `package main`, or move the package out of the functions directory.',
    location: { file: mainFile, line: 1, column: 1 },
    functionName,
  };
}

interface Finding {
  readonly message: string;
  readonly more: string[];
  readonly location: { readonly file: string; readonly line: number; readonly column: number };
}

/**
 * Reads the output of `go build`. Most of it has the form `./main.go:7:2: message`, with paths
 * relative to the function's directory; indented lines below say more, or which command mends it.
 * What has another form becomes one diagnostic with Go's text.
 */
export function parseGoErrors(
  output: string,
  functionName: string,
  mainFile: string,
): readonly Diagnostic[] {
  const findings: Finding[] = [];
  const others: string[] = [];
  for (const line of output.split('\n')) {
    const [, file, at = '1', column = '1', message] =
      /^(?:vet: )?((?:\S.*?)?(?:\.go|go\.mod|go\.work)):(\d+)(?::(\d+))?: (.+)$/.exec(line) ?? [];
    const last = findings.at(-1);
    if (file !== undefined && message !== undefined) {
      const location = {
        file: path.resolve(path.dirname(mainFile), file),
        line: Number(at),
        column: Number(column),
      };
      findings.push({ message, more: [], location });
    } else if (last !== undefined && /^(?:\t|note: )/.test(line)) {
      last.more.push(line.trim());
    } else if (line.trim() !== '' && !line.startsWith('#') && !line.startsWith('go: downloading')) {
      others.push(line.trim());
    }
  }
  if (findings.length > 0) return findings.map((finding) => toDiagnostic(finding, functionName));
  const [text = '', command] = others
    .join(' ')
    .split(/; to (?:update|add) it: ?|: to (?:update|add) it: ?/);
  return [
    {
      severity: 'error',
      code: 'GO_BUILD',
      message: `go build failed: ${text.replace(/^go: /, '')}`,
      ...(command === undefined
        ? {}
        : { hint: `Run \`${command}\` in ${path.dirname(mainFile)}.` }),
      location: { file: mainFile, line: 1, column: 1 },
      functionName,
    },
  ];
}

function toDiagnostic({ message, more, location }: Finding, functionName: string): Diagnostic {
  const asked = /^(.*); to add(?: it)?:$/.exec(message)?.[1];
  const missingModule =
    asked ??
    (/go\.mod file not found/.test(message)
      ? message.replace(/; see 'go help modules'$/, '')
      : undefined);
  if (missingModule !== undefined) {
    const command = asked === undefined ? 'go mod init <module> && go mod tidy' : more.join(' && ');
    return {
      severity: 'error',
      code: 'GO_BUILD',
      message: missingModule,
      hint: `Run \`${command}\` in ${path.dirname(location.file)}.`,
      location,
      functionName,
    };
  }
  return {
    severity: 'error',
    code: 'GO_BUILD',
    message: [message, ...more].join('; '),
    location,
    functionName,
  };
}
