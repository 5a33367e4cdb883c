export {
  build,
  type BuildOptions,
  type BuildResult,
  type BuiltFunction,
} from './builder/pipeline.ts';
export type { BuildEvent } from './builder/build-event.ts';
export type { BundleTarget } from './builder/bundle/contract/bundle.ts';
export { BgfnError, type BgfnErrorKind } from './diagnostic/bgfn-error.ts';
export type { Diagnostic, SourceLocation } from './diagnostic/diagnostic.ts';
export type { Entry } from './builder/discover/scan/entry.ts';
export type { BundlingSettings, FunctionSpec, Mode } from './builder/discover/function-spec.ts';
export { list, type ListOptions, type ListResult } from './builder/list.ts';
export { watch, type WatchOptions, type WatchOutcome } from './builder/watch.ts';
export type { Manifest, ManifestFunction } from './manifest/schema.ts';
