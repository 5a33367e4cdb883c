export { startRuntime } from './runtime.ts';
export type { DeployedFunction, Runtime, RuntimeOptions } from './options.ts';
export type { SiteGeo, SiteOptions } from './site.ts';
export type { Retention } from './housekeeping.ts';
export type { HttpLimits } from './http-server.ts';
export { BgfnError } from '../diagnostic/bgfn-error.ts';
