import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Manifest, ManifestFunction } from '../../../src/manifest/schema.ts';
import { rawZip } from './raw-zip.ts';

export interface TestFunction extends Partial<Omit<ManifestFunction, 'artifact'>> {
  readonly name: string;
  /** The module: it exports `handler`. */
  readonly source?: string;
  readonly zip?: Buffer;
}

/** A manifest entry with its zip. The suffix of the name decides the mode, as everywhere. */
export function manifestFunction({ source, zip, ...fn }: TestFunction): {
  readonly entry: ManifestFunction;
  readonly zip: Buffer;
} {
  const bytes =
    zip ??
    rawZip([
      {
        name: `${fn.name}.mjs`,
        content: source ?? 'export const handler = async () => ({ statusCode: 200, body: "ok" });',
      },
    ]);
  const background = fn.name.endsWith('-background');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const entry: ManifestFunction = {
    runtime: 'js',
    mainFile: `netlify/functions/${fn.name}.mjs`,
    path: `${fn.name}.zip`,
    endpoint: `/.netlify/functions/${fn.name}`,
    handler: `${fn.name}.handler`,
    invocationMode: background ? 'background' : 'buffer',
    timeout: background ? 900 : 60,
    maxPayloadBytes: background ? 262_144 : 6_291_456,
    buildData: { runtimeAPIVersion: 1 },
    priority: 10,
    artifact: { file: `${fn.name}.zip`, size: bytes.length, sha256, contentDigest: sha256 },
    ...fn,
  };
  return { entry, zip: bytes };
}

/** Writes zips and a manifest into `directory`, as a build would. */
export async function writeArtifacts(
  directory: string,
  functions: readonly TestFunction[],
): Promise<Manifest> {
  await mkdir(directory, { recursive: true });
  const made = functions.map((fn) => manifestFunction(fn));
  for (const { entry, zip } of made) {
    await writeFile(path.join(directory, entry.artifact.file), zip);
  }
  const manifest: Manifest = {
    version: 1,
    generator: 'bgfn@test',
    system: { arch: 'x64', platform: 'linux' },
    functions: made.map(({ entry }) => entry),
  };
  await writeFile(path.join(directory, 'manifest.json'), JSON.stringify(manifest));
  return manifest;
}
