import type { FunctionSpec } from '../discover/function-spec.ts';
import type { BundleOptions, BundleOutcome } from './contract/bundle.ts';
import { bundleGoSource } from './go/go-source.ts';
import { bundleJavaScript } from './javascript.ts';
import { bundleGoBinary, bundleZip } from './prebuilt-zip.ts';

/**
 * Makes the file map of one function. What a user can mend comes back as diagnostics; anything
 * thrown is a defect of ours.
 */
export async function bundleFunction(
  spec: FunctionSpec,
  options: BundleOptions,
): Promise<BundleOutcome> {
  const { entry } = spec;
  if (entry.kind === 'javascript') return bundleJavaScript(spec, options);
  if (entry.kind === 'zip') return bundleZip(spec);
  if (entry.kind === 'go-binary') return bundleGoBinary(spec, entry, options);
  return bundleGoSource(spec, entry, options);
}
