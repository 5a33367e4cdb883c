import type { FunctionSpec } from '../discover/function-spec.ts';
import type { GoBinaryEntry } from '../discover/scan/entry.ts';
import type { BundleOptions, BundleOutcome } from './contract/bundle.ts';
import { goBundle } from './go/go-bundle.ts';

/** A zip somebody else made goes out byte for byte; its handler follows Netlify's convention. */
export function bundleZip(spec: FunctionSpec): BundleOutcome {
  const file = spec.entry.mainFile;
  return {
    ok: true,
    bundle: {
      runtime: 'js',
      content: { kind: 'zip', file },
      handler: `${spec.name}.handler`,
      inputs: [file],
      warnings: [],
    },
  };
}

/** A Go executable that somebody built, when it is one for the target. */
export async function bundleGoBinary(
  spec: FunctionSpec,
  entry: GoBinaryEntry,
  options: BundleOptions,
): Promise<BundleOutcome> {
  const { mainFile, architecture } = entry;
  if (architecture !== options.target.arch) {
    const goArch = options.target.arch === 'x64' ? 'amd64' : 'arm64';
    return {
      ok: false,
      diagnostics: [
        {
          severity: 'error',
          code: 'GO_BINARY_ARCHITECTURE',
          message: `The Go binary is built for ${architecture}, the target is ${options.target.arch}.`,
          hint: `Build it with: CGO_ENABLED=0 GOOS=linux GOARCH=${goArch} go build -ldflags "-s -w" -tags lambda.norpc\nOr, if it is meant for ${architecture}, set architecture = "${architecture}" under [functions."${spec.name}"] in netlify.toml.`,
          location: { file: mainFile, line: 1, column: 1 },
          functionName: spec.name,
        },
      ],
    };
  }
  return goBundle({ copyFrom: mainFile }, [mainFile], spec, options);
}
