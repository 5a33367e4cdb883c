import type { Manifest, ManifestFunction } from './schema.ts';

/** URL of the JSON Schema of a manifest, for editors: the file that ships in this npm package. */
const manifestSchemaUrl = 'https://unpkg.com/bgfn/dist/manifest/manifest.schema.json';

/** The URL path at which a function answers by its name. */
export function endpointOf(name: string): string {
  return `/.netlify/functions/${name}`;
}

/** The fields of a manifest that differ from build to build. */
export interface ManifestContent {
  /** `bgfn@1.2.3`. */
  readonly generator: string;
  /** The machine that the artifacts run on. */
  readonly system: { readonly arch: string; readonly platform: string };
  readonly functions: readonly ManifestFunction[];
}

/**
 * Creates a manifest. Functions are sorted by name and there is no timestamp, so the same artifacts
 * result in the same manifest.
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
