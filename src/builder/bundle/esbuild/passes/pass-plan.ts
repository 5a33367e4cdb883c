import type { Message, Metafile, Plugin } from 'esbuild';
import type { FunctionSpec } from '../../../discover/function-spec.ts';
import type { BundleOptions } from '../../contract/bundle-options.ts';
import type { BundleFile } from '../../contract/bundle.ts';
import type { ExternalImports } from '../plugins/external-imports.ts';
import type { OutsidePackages } from '../plugins/outside-plugin.ts';
import type { MissingImport } from './missing-imports.ts';

/** How one pass of esbuild differs from bundling everything that esbuild can reach. */
export interface PassPlan extends ExternalImports {
  /** Absolute file → the source text to use in place of the file's own. */
  readonly rewritten: ReadonlyMap<string, string>;
  /**
   * First-party modules that are loaded by path (workers): absolute file → its place in the
   * artifact. Each becomes a bundle of its own.
   */
  readonly modules: ReadonlyMap<string, string>;
  /** Those of these modules that have one copy of their code with the function; default: none. */
  readonly shared?: ReadonlySet<string> | undefined;
  /**
   * Whether classes and functions that have one name in two files keep it (`Order2.name` is
   * `Order`), which takes a little more code for each of them.
   */
  readonly keepNames: boolean;
  /**
   * Whether imports of installed packages that lead nowhere stay as written. A call for several
   * functions then finds such imports by itself.
   */
  readonly leavesMissing?: boolean;
  /** Packages of which the pass reads no file. */
  readonly outside: OutsidePackages;
  /** A plugin that comes before all others. */
  readonly plugin?: Plugin | undefined;
}

/** A request to run esbuild for one function. */
export interface PassRequest {
  readonly spec: FunctionSpec;
  readonly options: BundleOptions;
  readonly plan: PassPlan;
}

/** The passes that one call of esbuild makes. */
export type Batch = readonly [PassRequest, ...PassRequest[]];

export interface FinishedPass {
  readonly ok: true;
  readonly files: readonly BundleFile[];
  readonly metafile: Metafile;
  readonly warnings: readonly Message[];
  /** The imports that lead nowhere and that the plan did not know, by `importKey`. */
  readonly missing: ReadonlyMap<string, MissingImport>;
}

export interface FailedPass {
  readonly ok: false;
  readonly errors: readonly Message[];
}
