/** The extensions of functions, in the order in which Netlify tries them in a function directory. */
export const sourceExtensions = ['.js', '.ts', '.mjs', '.cjs', '.tsx', '.mts', '.cts'];
