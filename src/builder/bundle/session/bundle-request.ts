import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleOptions } from '../contract/bundle-options.ts';
import type { BundleSession } from './session.ts';

/**
 * A request to bundle one function: its spec, the options of its build, and the session that
 * contains what the build has read.
 */
export interface BundleRequest {
  readonly spec: FunctionSpec;
  readonly options: BundleOptions;
  readonly session: BundleSession;
}
