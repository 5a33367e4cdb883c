/**
 * Something a file does that one bundled file cannot reproduce by itself:
 *
 * - `own-files`: reads beside itself by a path with a literal in it (`join(__dirname, 'data.bin')`)
 * - `own-directory`: hands its own location to other code, so any file of its package may be meant
 * - `own-modules`: loads modules of its own package by a computed path (`require('./dialects/' +
 *   name)`)
 * - `native`: loads an addon through one of the loaders that look for it beside the caller
 * - `named-modules`: loads modules whose whole name is only known at run time; fine in one file if
 *   they are in the artifact
 */
export type Finding = 'own-files' | 'own-directory' | 'own-modules' | 'native' | 'named-modules';
