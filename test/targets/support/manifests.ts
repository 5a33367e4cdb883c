import {
  defaultRetry,
  type Manifest,
  type ManifestFunction,
} from '../../../src/manifest/schema.ts';

/** A sync function of a manifest, with the fields that a test sets. */
export function manifestFunction(
  name: string,
  extra: Partial<ManifestFunction> = {},
): ManifestFunction {
  return {
    name,
    runtime: 'js',
    runtimeVersion: 'nodejs24.x',
    bundler: 'esbuild',
    mainFile: `netlify/functions/${name}.mts`,
    path: `.netlify/functions/${name}.zip`,
    endpoint: `/.netlify/functions/${name}`,
    handler: `${name}.handler`,
    invocationMode: 'buffer',
    timeout: 60,
    maxPayloadBytes: 6_291_456,
    artifact: {
      file: `${name}.zip`,
      size: 1,
      sha256: 'a'.repeat(64),
      contentDigest: 'b'.repeat(64),
    },
    buildData: { runtimeAPIVersion: 1 },
    priority: 10,
    ...extra,
  };
}

/** A background function of a manifest, with the fields that a test sets. */
export function backgroundFunction(
  name: string,
  extra: Partial<ManifestFunction> = {},
): ManifestFunction {
  return manifestFunction(name, {
    invocationMode: 'background',
    timeout: 900,
    retry: { ...defaultRetry, delaysSeconds: [...defaultRetry.delaysSeconds] },
    maxPayloadBytes: 262_144,
    ...extra,
  });
}

export function manifestOf(...functions: ManifestFunction[]): Manifest {
  return {
    version: 1,
    generator: 'bgfn@0.0.0',
    system: { arch: 'x64', platform: 'linux' },
    functions,
  };
}

/** A manifest with a function of each kind: background, sync with a path, scheduled Go for arm64. */
export const mixedManifest = manifestOf(
  backgroundFunction('hello-background'),
  manifestFunction('orders', {
    routes: [
      { pattern: '/api/orders/:id', expression: '^/api/orders/([^/]+)$', methods: ['GET', 'PUT'] },
    ],
  }),
  backgroundFunction('nightly-background', {
    runtime: 'go',
    runtimeVersion: 'provided.al2023',
    handler: 'bootstrap',
    architecture: 'arm64',
    schedule: '@daily',
  }),
);
