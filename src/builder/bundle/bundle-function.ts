import type { Outcome } from '../../diagnostic/outcome.ts';
import type { Bundle } from './contract/bundle.ts';
import { bundleGoBinary } from './go/go-binary-bundle.ts';
import { bundleGoSource } from './go/go-source.ts';
import { bundleJavaScript } from './javascript.ts';
import { bundleZip } from './prebuilt-zip.ts';
import type { BundleRequest } from './session/bundle-request.ts';

/**
 * Makes the bundle of one function. An outcome that is not ok has what a user can mend; anything
 * thrown is a defect of ours.
 */
export async function bundleFunction(request: BundleRequest): Promise<Outcome<Bundle>> {
  const { spec, options } = request;
  const { entry } = spec;
  switch (entry.kind) {
    case 'javascript':
      return bundleJavaScript(request);
    case 'zip':
      return { ok: true, value: bundleZip(spec) };
    case 'go-binary':
      return bundleGoBinary(spec, entry, options);
    case 'go-source':
      return bundleGoSource(spec, entry, options);
  }
}
