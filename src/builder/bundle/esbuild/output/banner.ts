import { adapterPath } from './adapter-file.ts';
import { importStatement } from './in-place-text.ts';

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
 * Declares the function that replaces `require` and `import()` of a path that is known in part
 * (first-party/pattern-rewrite.ts). It looks the path up among the modules that the pattern matched
 * at build time; `otherwise` loads any other path, or fails as Node does.
 */
const loadStatement = [
  ' const __bgfnLoad = (target, place, modules, otherwise) => {',
  "const path = process.getBuiltinModule('node:path'), here = __bgfnPath(place),",
  `file = path.resolve(here, /^file:/.test(target) ? process.getBuiltinModule('node:url')`,
  '.fileURLToPath(target) : `${target}`),',
  "name = path.relative(here, file).replaceAll('\\\\', '/'),",
  'found = modules.find((one) => one.includes(name, 1));',
  'return found ? found[0]() : otherwise(file); };',
].join(' ');

/** The declarations that rewritten code in an output may use. */
export interface BannerNeeds {
  /** Whether code uses `__bgfnRoot` or `__bgfnPath`. */
  readonly root: boolean;
  /** Whether code uses `__bgfnLoad`. */
  readonly load: boolean;
  /** Whether modules from outside the bundle are loaded at their own place (in-place-text.ts). */
  readonly inPlace: boolean;
}

/** Returns what rewritten texts need of the banner. */
export function bannerNeedsOf(texts: Iterable<string>): Omit<BannerNeeds, 'inPlace'> {
  const all = [...texts];
  return { root: all.length > 0, load: all.some((text) => text.includes('__bgfnLoad(')) };
}

/** Returns the first line of every output. */
export function bannerText(format: 'esm' | 'cjs', { root, load, inPlace }: BannerNeeds): string {
  const helper = load ? loadStatement : '';
  if (format === 'cjs') return (root ? commonjsRootStatement : '') + helper;
  const importHelper = inPlace ? importStatement : '';
  return adapterImport + requireStatement + (root ? rootStatement : '') + helper + importHelper;
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
