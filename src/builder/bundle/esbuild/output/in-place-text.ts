/**
 * Declares the function that loads a module from outside the bundle when its turn comes
 * (in-place-plugin.ts). The module is found as an import finds it, relative to the output. Where
 * that finds nothing, the module is searched like a `require`, which also looks into the
 * directories of `NODE_PATH`: AWS has its SDK and the contents of layers there.
 *
 * `__bgfnOutside` returns the module, and `__bgfnImport` the names that an import of it has.
 * `default` is the whole export of a CommonJS module, as in Node. `__esModule` is on the prototype,
 * where esbuild's code looks for it before it decides what `default` means, and where it is not
 * taken for one of the names.
 */
export const importStatement = [
  '',
  'const __bgfnAwaited = new Map();',
  'function __bgfnOutside(specifier) {',
  'let loaded = __bgfnAwaited.get(specifier), file;',
  'if (loaded === void 0) {',
  'try {',
  `file = require("node:url").fileURLToPath(import.meta.resolve(specifier));`,
  'if (!require("node:fs").existsSync(file)) throw Object.assign(',
  "new Error(`Cannot find module '${file}' imported from ${import.meta.filename}`),",
  '{ code: "ERR_MODULE_NOT_FOUND" });',
  '} catch (error) {',
  'if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;',
  'try { file = require.resolve(specifier); } catch { throw error; }',
  '}',
  'loaded = require(file);',
  '}',
  'return loaded;',
  '}',
  'function __bgfnImport(specifier) {',
  'const loaded = __bgfnOutside(specifier);',
  'const isModule = require("node:util").types.isModuleNamespaceObject(loaded),',
  'names = Object.create({ __proto__: null, __esModule: true });',
  'for (const [name, { enumerable }] of Object.entries(Object.getOwnPropertyDescriptors(Object(loaded))))',
  'if (name !== "default" && !(isModule && name === "__esModule"))',
  'Object.defineProperty(names, name, { enumerable, get: () => loaded[name] });',
  'return Object.defineProperty(names, "default", ',
  '{ enumerable: true, get: () => isModule ? loaded.default : loaded });',
  '}',
].join(' ');
