import { z } from 'zod';
import { manifestSchema } from './schema.ts';

/**
 * The JSON Schema (draft 2020-12) of a manifest, as the text of `manifest.schema.json`. The text is
 * generated from the zod schema and allows unknown fields.
 */
export function manifestJsonSchema(): string {
  const schema = z.toJSONSchema(manifestSchema, { target: 'draft-2020-12', io: 'input' });
  const title = 'bgfn manifest';
  const description = 'What `bgfn-build` writes beside its artifacts.';
  return `${JSON.stringify({ title, description, ...schema }, null, 2)}\n`;
}
