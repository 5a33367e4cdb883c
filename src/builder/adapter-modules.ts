import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdapterModules } from './bundle/contract/bundle-options.ts';

/**
 * The adapter that ships with bgfn. It lies beside this folder in src/ (`.ts`) and dist/ (`.js`),
 * and beside `dist/cli/`, whose `bgfn-build` contains this module.
 */
export function adapterModules(): AdapterModules {
  return { whole: adapterModule('index'), httpOnly: adapterModule('http-only') };
}

function adapterModule(name: string): string {
  return fileURLToPath(
    new URL(`../adapter/${name}${path.extname(import.meta.url)}`, import.meta.url),
  );
}
