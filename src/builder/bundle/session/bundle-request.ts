import type { FunctionSpec } from '../../discover/function-spec.ts';
import type { BundleOptions } from '../contract/bundle-options.ts';
import type { BundleSession } from './session.ts';

/** One function to bundle: what it is, how its build wants it, and what that build has read. */
export interface BundleRequest {
  readonly spec: FunctionSpec;
  readonly options: BundleOptions;
  readonly session: BundleSession;
}
