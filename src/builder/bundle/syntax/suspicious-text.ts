/** Packages that look for an addon beside the module that calls them. */
const nativeLoaderNames = [
  'bindings',
  'node-gyp-build',
  'node-gyp-build-optional-packages',
  '@mapbox/node-pre-gyp',
  'node-pre-gyp',
  'pkg-prebuilds',
];
const nativeLoaders = new Set(nativeLoaderNames);

export function isNativeLoader(specifier: string): boolean {
  return nativeLoaders.has(specifier);
}

const ownLocation = new RegExp(
  String.raw`__(?:dir|file)name|import\.meta(?!\.(?!url|dirname|filename|resolve))|require\.resolve|createRequire|["'](?:${nativeLoaderNames.join('|')})["']`,
);
/**
 * Matches a call of `require` or `import`, unless its argument is one whole string literal, is
 * missing, or is the dots of a message about imports. `_require(` and `loader.import(` are other
 * functions and do not match.
 */
const computedCall =
  /(?<![\w$.])(?:require|import)\((?!\s*(?:(?:"[^"\n]*"|'[^'\n]*')?\s*[),]|\.{3}))/;

/**
 * Whether a text may do more than import by literal names. The test is cheap, and its negative
 * answers are always right. The patterns are ASCII, so bytes can be passed as Latin-1, which copies
 * them without decoding.
 */
export function isSuspicious(latin1: string): boolean {
  return ownLocation.test(latin1) || computedCall.test(latin1);
}
