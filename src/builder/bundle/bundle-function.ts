import type { Outcome } from '../../diagnostic/outcome.ts';
import type { Bundle } from './contract/bundle.ts';
import { bundleGoBinary } from './go/go-binary-bundle.ts';
import { bundleGoSource } from './go/go-source.ts';
import { bundleJavaScript } from './javascript.ts';
import { asFirstParty } from './packages/installed-root.ts';
import { bundleZip } from './prebuilt-zip.ts';
import type { BundleRequest } from './session/bundle-request.ts';

/**
 * Bundles one function by the kind of its entry, without packing the bundle (`bundle-and-pack.ts`)
 * and without asking the cache (`build-function.ts`). An outcome that is not ok has the errors that
 * a user can fix; an exception is a defect of bgfn.
 */
export async function bundleFunction(request: BundleRequest): Promise<Outcome<Bundle>> {
  const { spec, options } = request;
  const { entry } = spec;
  using _ = asFirstParty(options.projectDirectory);
  switch (entry.kind) {
    case 'javascript':
      return await bundleJavaScript(request);
    case 'zip':
      return { ok: true, value: bundleZip(spec) };
    case 'go-binary':
      return await bundleGoBinary(spec, entry, options);
    case 'go-source':
      return await bundleGoSource(spec, entry, options);
  }
}
