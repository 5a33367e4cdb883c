import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdapterModules } from './bundle/contract/bundle-options.ts';

/**
 * The modules of the adapter that ships with bgfn. The folder `adapter/` is beside this folder in
 * src/ (`.ts`) and in dist/ (`.js`). It is also beside `dist/cli/`, where `bgfn-build.js` contains
 * this module.
 */
export function adapterModules(): AdapterModules {
  return { whole: adapterModule('index'), httpOnly: adapterModule('http-only') };
}

function adapterModule(name: string): string {
  return fileURLToPath(
    new URL(`../adapter/${name}${path.extname(import.meta.url)}`, import.meta.url),
  );
}
