export { startRuntime } from './runtime.ts';
export type { DeployedFunction, Runtime, RuntimeOptions } from './options.ts';
export type { SiteGeo, SiteOptions } from './calls/site.ts';
export type { Retention } from './housekeeping.ts';
export type { HttpLimits } from './http/http-server.ts';
export { BgfnError } from '../diagnostic/bgfn-error.ts';
