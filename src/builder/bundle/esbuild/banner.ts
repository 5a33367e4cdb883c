import { adapterPath } from './entry-source.ts';

/**
 * The adapter is the first import: it sets the `Netlify` global, which a function may use while it
 * is evaluated.
 */
const adapterImport = `import { createHandler as __bgfnCreateHandler } from './${adapterPath}'; `;
/** CommonJS inside an ES module finds `require` in Node's way. */
const requireStatement = `import { createRequire as __bgfnCreateRequire } from 'node:module'; const require = __bgfnCreateRequire(import.meta.url), __bgfnFilename = import.meta.filename, __bgfnDirname = import.meta.dirname;`;

/**
 * Free uses of CommonJS's names in bundled packages. Not declared under their own names: many
 * modules declare those themselves.
 */
export const nameDefinitions: Readonly<Record<string, string>> = {
  __filename: '__bgfnFilename',
  __dirname: '__bgfnDirname',
};
/**
 * What rewritten first-party code uses in place of `__dirname` and `import.meta.url`
 * (first-party.ts).
 */
const rootStart = "new URL('./', ";
const rootUrl = `${rootStart}import.meta.url)`;
const placeStatement = ` import { fileURLToPath as __bgfnFileUrlToPath } from 'node:url'; const __bgfnRoot = ${rootUrl}.href, __bgfnPath = (place) => __bgfnFileUrlToPath(new URL(place, __bgfnRoot));`;

/** The same in a CommonJS module, where the names are Node's own. */
const commonjsRoot = `${rootStart}require('node:url').pathToFileURL(__filename))`;
const commonjsPlace = `const __bgfnRoot = ${commonjsRoot}.href, __bgfnPath = (place) => require('node:url').fileURLToPath(new URL(place, __bgfnRoot));`;

/** The first line of every output. */
export function bannerText(format: 'esm' | 'cjs', withPlace: boolean): string {
  if (format === 'cjs') return withPlace ? commonjsPlace : '';
  return adapterImport + requireStatement + (withPlace ? placeStatement : '');
}

/** Above this many bytes what the banner could do without is not worth a search. */
const smallBytes = 65_536;

/**
 * Fits the banner to its output: CommonJS's names stay away from small ones that name none, only
 * the function's entry needs the adapter, and the root is further up from a deeper place. It stays
 * one line.
 */
export function placedText(contents: Uint8Array, place: string, isModule: boolean): Uint8Array {
  if (!isModule) {
    return contents.byteLength > smallBytes
      ? contents
      : Buffer.from(withoutUnusedNames(Buffer.from(contents).toString()));
  }
  const up = '../'.repeat(place.split('/').length - 1);
  const text = Buffer.from(contents).toString();
  return Buffer.from(
    text.replace(adapterImport, '').replace(rootStart, rootStart.replace('./', `./${up}`)),
  );
}

function withoutUnusedNames(text: string): string {
  const without = text.replace(requireStatement, '');
  return /\brequire\b|__bgfn(?:Filename|Dirname)/.test(without) ? text : without;
}
