import type { ReachedCode } from '../esbuild/metafile/reached-code.ts';
import type { OutsidePackages } from '../esbuild/plugins/outside-plugin.ts';

/** The code that the first pass reached. */
export interface BundledCode {
  readonly reached: ReachedCode;
  /** Packages of which the pass read no file. */
  readonly outside: OutsidePackages;
}
