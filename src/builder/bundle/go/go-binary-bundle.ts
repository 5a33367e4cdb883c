import type { Diagnostic } from '../../../diagnostic/diagnostic.ts';
import type { Outcome } from '../../../diagnostic/outcome.ts';
import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { GoBinaryEntry } from '../../discover/scan/entry.ts';
import type { BundleOptions } from '../contract/bundle-options.ts';
import type { Bundle } from '../contract/bundle.ts';
import { goBundle } from './go-bundle.ts';
import { goArchOf } from './go-target.ts';

/**
 * Bundles a Go executable that was built elsewhere; reports an error when the executable is for
 * another CPU than the target's.
 */
export async function bundleGoBinary(
  spec: FunctionSpec,
  entry: GoBinaryEntry,
  options: BundleOptions,
): Promise<Outcome<Bundle>> {
  const { mainFile, architecture } = entry;
  if (architecture !== options.target.arch) {
    return { ok: false, diagnostics: [wrongArchitecture(spec, entry, options.target.arch)] };
  }
  const bundle = await goBundle({ copyFrom: mainFile }, [mainFile], spec, options);
  return { ok: true, value: bundle };
}

function wrongArchitecture(
  { name }: FunctionSpec,
  { mainFile, architecture }: GoBinaryEntry,
  wanted: 'x64' | 'arm64',
): Diagnostic {
  const environment = `CGO_ENABLED=0 GOOS=linux GOARCH=${goArchOf(wanted)}`;
  const command = `${environment} go build -ldflags "-s -w" -tags lambda.norpc`;
  const setting = `architecture = "${architecture}" under [functions."${name}"] in netlify.toml`;
  return {
    severity: 'error',
    code: 'GO_BINARY_ARCHITECTURE',
    message: `The Go binary is built for ${architecture}, the target is ${wanted}.`,
    hint: `Build it with: ${command}\nOr, if it is meant for ${architecture}, set ${setting}.`,
    location: { file: mainFile, line: 1, column: 1 },
    functionName: name,
  };
}
