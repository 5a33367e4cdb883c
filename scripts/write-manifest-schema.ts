// Writes src/manifest/manifest.schema.json from the zod schema. A test fails when the two differ.
import { writeFile } from 'node:fs/promises';
import { manifestJsonSchema } from '../src/manifest/json-schema.ts';

await writeFile(
  new URL('../src/manifest/manifest.schema.json', import.meta.url),
  manifestJsonSchema(),
);
