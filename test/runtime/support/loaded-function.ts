import type { LoadedFunction } from '../../../src/runtime/load/load-functions.ts';
import { manifestFunction, type TestFunction } from './artifacts.ts';

/** A sync function as the loader gives it, for code that never runs it. */
export function loadedFunction(fn: TestFunction): LoadedFunction {
  return {
    name: fn.name,
    mode: 'sync',
    manifest: manifestFunction(fn).entry,
    timeoutMs: 1000,
    runnable: {
      name: fn.name,
      runtime: 'js',
      directory: '/nowhere',
      handler: `${fn.name}.handler`,
      environment: {},
      version: '1',
    },
  };
}
