/** Name of a manifest's file, in the directory of the artifacts. */
export const manifestFileName = 'manifest.json';
