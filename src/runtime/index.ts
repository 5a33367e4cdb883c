export { startRuntime } from './runtime.ts';
export type { Runtime, RuntimeOptions } from './options.ts';
export type { SiteGeo, SiteOptions } from './load/site.ts';
export type { Retention } from './housekeeping.ts';
export type { DeployedFunction } from './deployed-function.ts';
export type { HttpLimits } from './http/server/http-server.ts';
export { BgfnError } from '../diagnostic/bgfn-error.ts';
export type { Clock } from './platform/clock.ts';
