export { startRuntime } from './runtime.ts';
export type { Runtime, RuntimeOptions } from './options.ts';
export type { SiteGeo, SiteOptions } from './calls/site.ts';
export type { Retention } from './housekeeping.ts';
export type { DeployedFunction } from './load/deployment.ts';
export type { HttpLimits } from './http/http-server.ts';
export { BgfnError } from '../diagnostic/bgfn-error.ts';
