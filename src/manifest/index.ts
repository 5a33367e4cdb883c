export { createManifest, endpointOf, type ManifestContent } from './create.ts';
export { parseManifest, readManifest } from './read.ts';
export * from './schema.ts';
export { formatManifest, writeManifest } from './write.ts';
