import path from 'node:path';
import type { BundlingSettings, FunctionSpec } from '../../src/builder/discover/function-spec.ts';
import { syncMaxPayloadBytes, syncTimeoutSeconds } from '../../src/manifest/schema.ts';

/**
 * The spec of a sync JavaScript function without any settings, named after its file.
 *
 * @param mainFile Absolute
 */
export function javascriptSpec(
  projectDirectory: string,
  mainFile: string,
  bundling: Partial<BundlingSettings> = {},
): FunctionSpec {
  const name = path.basename(mainFile).replace(/\.\w+$/, '');
  return {
    name,
    entry: { kind: 'javascript', name, mainFile, functionsDirectory: path.dirname(mainFile) },
    mode: 'sync',
    timeoutSeconds: syncTimeoutSeconds,
    maxPayloadBytes: syncMaxPayloadBytes,
    routes: [],
    excludedRoutes: [],
    methods: [],
    eventSubscriptions: [],
    bundling: {
      nodeBundler: 'auto',
      externalNodeModules: [],
      ignoredNodeModules: [],
      includedFiles: [],
      includedFilesBase: projectDirectory,
      nodeMajor: 24,
      ...bundling,
    },
  };
}
