import type { FunctionSpec } from '../discover/function-spec.ts';
import type { Bundle } from './contract/bundle.ts';

/**
 * Bundles a prebuilt zip, which stays as it is byte for byte. Its handler follows Netlify's
 * convention.
 */
export function bundleZip({ name, entry: { mainFile } }: FunctionSpec): Bundle {
  return {
    runtime: 'js',
    bundler: undefined,
    content: { kind: 'zip', file: mainFile },
    handler: `${name}.handler`,
    runtimeVersion: undefined,
    inputs: [mainFile],
    warnings: [],
    parts: [],
  };
}
