import type { OutsidePackages } from '../esbuild/outside-plugin.ts';
import type { ReachedCode } from '../esbuild/reached-code.ts';

/** The code that the first pass reached. */
export interface BundledCode {
  readonly reached: ReachedCode;
  /** Packages of which the pass read no file. */
  readonly outside: OutsidePackages;
}
