export { build, type BuildOptions, type BuildResult, type BuiltFunction } from './build.ts';
export type { BuildEvent } from './build-events.ts';
export type { BundleTarget } from './bundle/bundle-function.ts';
export { BgfnError, type BgfnErrorKind } from './diagnostic/bgfn-error.ts';
export type { Diagnostic, SourceLocation } from './diagnostic/diagnostic.ts';
export type { Entry } from './discover/entry.ts';
export type { BundlingSettings, FunctionSpec, Mode } from './discover/function-spec.ts';
export { list, type ListOptions, type ListResult } from './list.ts';
export type { Manifest, ManifestFunction } from './manifest/schema.ts';
