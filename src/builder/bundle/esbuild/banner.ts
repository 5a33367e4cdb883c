import { adapterPath } from './adapter-file.ts';

/**
 * Imports the adapter before everything else, because the adapter sets the `Netlify` global, which
 * a function may use while it is evaluated.
 */
const adapterImport = `import { createHandler as __bgfnCreateHandler } from './${adapterPath}'; `;
/** Gives CommonJS code inside an ES module a `require` that searches as Node does. */
const requireStatement = [
  `import { createRequire as __bgfnCreateRequire } from 'node:module';`,
  'const require = __bgfnCreateRequire(import.meta.url),',
  '__bgfnFilename = import.meta.filename,',
  '__bgfnDirname = import.meta.dirname;',
].join(' ');

/**
 * Replacements for the free names of CommonJS in bundled packages. The banner does not declare the
 * names of CommonJS themselves, because many modules declare those.
 */
export const nameDefinitions: Readonly<Record<string, string>> = {
  __filename: '__bgfnFilename',
  __dirname: '__bgfnDirname',
};

const rootStart = "new URL('./', ";
/**
 * Declares the artifact's root, and a function that returns the path of a place below the root.
 * Rewritten first-party code uses both in place of `__dirname` and `import.meta.url`
 * (first-party/location-rewrite.ts).
 */
const rootStatement = [
  ` import { fileURLToPath as __bgfnFileUrlToPath } from 'node:url';`,
  `const __bgfnRoot = ${rootStart}import.meta.url).href,`,
  '__bgfnPath = (place) => __bgfnFileUrlToPath(new URL(place, __bgfnRoot));',
].join(' ');
/** The same declarations for a CommonJS module, where `__filename` is Node's own. */
const commonjsRootStatement = [
  `const __bgfnRoot = ${rootStart}require('node:url').pathToFileURL(__filename)).href,`,
  `__bgfnPath = (place) => require('node:url').fileURLToPath(new URL(place, __bgfnRoot));`,
].join(' ');

/**
 * Returns the first line of every output.
 *
 * @param withRoot Whether rewritten code is among the sources
 */
export function bannerText(format: 'esm' | 'cjs', withRoot: boolean): string {
  if (format === 'cjs') return withRoot ? commonjsRootStatement : '';
  return adapterImport + requireStatement + (withRoot ? rootStatement : '');
}

/**
 * Larger outputs are not searched for unused names of the banner, because the search would cost
 * more than it saves.
 */
const smallBytes = 65_536;

/**
 * Fits the banner to its output, and keeps it on one line. In a small output, the names of CommonJS
 * are removed if the output uses none of them. In a module that is loaded by path, the import of
 * the adapter is removed, because only the function's entry needs it, and the root is as many
 * directories up as the module's place is deep.
 *
 * @param place The output's path in the artifact
 * @param isModule Whether the output is a module that is loaded by path, and not the function's
 *   entry
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
