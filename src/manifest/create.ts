import type { Manifest, ManifestFunction } from './schema.ts';

/** Where an editor finds the JSON Schema of a manifest: the file that ships in this npm module. */
const manifestSchemaUrl = 'https://unpkg.com/bgfn/dist/manifest/manifest.schema.json';

/** The URL path at which a function answers by its name. */
export function endpointOf(name: string): string {
  return `/.netlify/functions/${name}`;
}

/** The fields of a manifest that a build decides. */
export interface ManifestContent {
  /** `bgfn@1.2.3`. */
  readonly generator: string;
  /** The machine that the artifacts run on. */
  readonly system: { readonly arch: string; readonly platform: string };
  readonly functions: readonly ManifestFunction[];
}

/**
 * Makes a manifest: functions sorted by name, no timestamp, so the same artifacts give the same
 * manifest.
 */
export function createManifest({ generator, system, functions }: ManifestContent): Manifest {
  return {
    $schema: manifestSchemaUrl,
    version: 1,
    generator,
    system: { arch: system.arch, platform: system.platform },
    functions: functions.toSorted(byName),
  };
}

function byName(a: ManifestFunction, b: ManifestFunction): number {
  return a.name < b.name ? -1 : 1;
}
