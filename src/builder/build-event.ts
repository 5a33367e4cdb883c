import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { Manifest, ManifestFunction } from '../manifest/schema.ts';
import type { FunctionSpec } from './discover/function-spec.ts';

/** A step of a build. Only loggers render events; nothing else in the build prints. */
export type BuildEvent =
  | { readonly type: 'scanned'; readonly functions: readonly FunctionSpec[] }
  | { readonly type: 'function-started'; readonly name: string }
  | {
      readonly type: 'function-finished';
      readonly name: string;
      readonly cached: boolean;
      readonly durationMs: number;
      readonly record: ManifestFunction;
    }
  | { readonly type: 'function-failed'; readonly name: string }
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly type: 'finished'; readonly manifest: Manifest; readonly durationMs: number };
