/** In the order in which the file of a directory function is looked for, as Netlify does it. */
export const sourceExtensions = ['.js', '.ts', '.mjs', '.cjs', '.tsx', '.mts', '.cts'];
