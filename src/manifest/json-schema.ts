import { z } from 'zod';
import { manifestSchema } from './schema.ts';

/**
 * The JSON Schema (draft 2020-12) of a manifest, as the text of `manifest.schema.json`. Generated
 * from the zod schema; fields nobody knows are allowed.
 */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(manifestSchema, { target: 'draft-2020-12', io: 'input' });
  return `${JSON.stringify({ title: 'bgfn manifest', description: 'What `bgfn-build` writes beside its artifacts.', ...schema }, null, 2)}\n`;
}
