/** Packages that find an addon beside whoever calls them. */
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
  String.raw`__(?:dir|file)name|import\.meta\.(?:url|dirname|filename|resolve)|require\.resolve|createRequire|["'](?:${nativeLoaderNames.join('|')})["']`,
);
/**
 * A call of `require` or `import` whose argument is not one whole string literal, nothing, or the
 * dots of a message about imports. `_require(` and `loader.import(` are other functions.
 */
const computedCall =
  /(?<![\w$.])(?:require|import)\((?!\s*(?:(?:"[^"\n]*"|'[^'\n]*')?\s*[),]|\.{3}))/;

/**
 * Whether a text may do more than import by literal names. The test is cheap, and it is never wrong
 * when it says no. All that it searches for is ASCII, so bytes can be passed as Latin-1, which is a
 * copy and no decoding.
 */
export function isSuspicious(latin1: string): boolean {
  return ownLocation.test(latin1) || computedCall.test(latin1);
}
