import type { Manifest, ManifestFunction } from './schema.ts';

/** The URL path at which a function answers by its name. */
export function endpointOf(name: string): string {
  return `/.netlify/functions/${name}`;
}

export interface ManifestParts {
  /** `bgfn@1.2.3`. */
  readonly generator: string;
  /** What the artifacts run on. */
  readonly system: { readonly arch: string; readonly platform: string };
  readonly functions: readonly ManifestFunction[];
}

/**
 * Puts a manifest together: functions sorted by name, no timestamp, so the same artifacts give the
 * same manifest.
 */
export function createManifest({ generator, system, functions }: ManifestParts): Manifest {
  return {
    $schema: manifestSchemaUrl,
    version: 1,
    generator,
    system: { arch: system.arch, platform: system.platform },
    functions: functions.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Where an editor finds the JSON Schema of a manifest: the file that ships in this npm module. */
const manifestSchemaUrl = 'https://unpkg.com/bgfn/dist/manifest/manifest.schema.json';
