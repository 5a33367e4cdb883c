import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { GoSourceEntry } from '../discover/entry.ts';
import type { FunctionSpec } from '../discover/function-spec.ts';
import type { BundleOptions, BundleOutcome } from './bundle-function.ts';
import { GO_RUNTIME_VERSION } from './prebuilt.ts';

const execute = promisify(execFile);
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * Compiles a Go function to a static, stripped `bootstrap`. `-trimpath` and an empty build id make the bytes
 * independent of where the checkout is. Go's own build cache makes an unchanged function cheap.
 */
export async function bundleGoSource(spec: FunctionSpec, entry: GoSourceEntry, options: BundleOptions): Promise<BundleOutcome> {
  const directory = path.dirname(entry.mainFile);
  // A directory is one Go package; a lone file is compiled by itself, so that its neighbours can be functions too.
  const subject = entry.directory === undefined ? path.basename(entry.mainFile) : '.';
  const scratch = await mkdtemp(path.join(tmpdir(), 'bgfn-go-'));
  const environment = { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOARCH: options.target.arch === 'x64' ? 'amd64' : 'arm64' };
  try {
    const binary = path.join(scratch, 'bootstrap');
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w -buildid=', '-tags', 'lambda.norpc'];
    await execute('go', ['build', ...flags, '-o', binary, subject], { cwd: directory, env: environment, maxBuffer: MAX_OUTPUT_BYTES });
    const inputs = await goInputs(directory, subject, environment);
    return {
      ok: true,
      bundle: {
        runtime: 'go',
        content: { kind: 'files', files: [{ path: 'bootstrap', mode: 0o755, content: { bytes: await readFile(binary) } }] },
        handler: 'bootstrap',
        runtimeVersion: GO_RUNTIME_VERSION,
        inputs: [...new Set([entry.mainFile, ...inputs])].toSorted(),
        warnings: [],
      },
    };
  } catch (error) {
    return { ok: false, diagnostics: goDiagnostics(error, spec.name, entry.mainFile) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The Go files and module files the binary was made of; the standard library and the module cache are named by go.sum. */
async function goInputs(directory: string, subject: string, environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const format = '{{if not .Standard}}{{if or (not .Module) .Module.Main}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}\n{{end}}{{range .EmbedFiles}}{{$d}}/{{.}}\n{{end}}{{end}}{{if .Module}}{{if .Module.Main}}{{.Module.GoMod}}\n{{end}}{{end}}{{end}}';
  const { stdout } = await execute('go', ['list', '-deps', '-tags', 'lambda.norpc', '-f', format, subject], { cwd: directory, env: environment, maxBuffer: MAX_OUTPUT_BYTES });
  const files = stdout.split('\n').filter((line) => line !== '');
  const sums = files.filter((file) => path.basename(file) === 'go.mod').map((file) => path.join(path.dirname(file), 'go.sum'));
  return [...files, ...sums].map((file) => path.resolve(directory, file));
}

function goDiagnostics(error: unknown, functionName: string, mainFile: string): readonly Diagnostic[] {
  if (!(error instanceof Error)) throw error;
  if ('code' in error && error.code === 'ENOENT') {
    return [
      {
        severity: 'error',
        code: 'go-missing',
        message: 'A Go function cannot be built: there is no `go` command on this machine.',
        hint: 'Install Go from https://go.dev/dl and put it on PATH, or build the binary elsewhere and place it in the functions directory.',
        location: { file: mainFile, line: 1, column: 1 },
        functionName,
      },
    ];
  }
  const output = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : error.message;
  return parseGoErrors(output, functionName, mainFile);
}

/** Go prints `./main.go:7:2: message`; whatever has another form becomes one diagnostic with Go's text. */
export function parseGoErrors(output: string, functionName: string, mainFile: string): readonly Diagnostic[] {
  const located = [...output.matchAll(/^(?:vet: )?(\S+\.go):(\d+)(?::(\d+))?: (.+)$/gm)].map(
    ([, file = '', line = '1', column = '1', message = '']): Diagnostic => ({
      severity: 'error',
      code: 'go-build',
      message,
      location: { file: path.resolve(path.dirname(mainFile), file), line: Number(line), column: Number(column) },
      functionName,
    }),
  );
  if (located.length > 0) return located;
  const text = output.trim().split('\n').filter((line) => !line.startsWith('#')).join(' ');
  return [{ severity: 'error', code: 'go-build', message: `go build failed: ${text}`, location: { file: mainFile, line: 1, column: 1 }, functionName }];
}
